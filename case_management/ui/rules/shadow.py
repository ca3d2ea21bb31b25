"""What a rule in the shadow would have done: how often per day, and each time."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from case_management.models import ShadowFiring
from case_management.models.rule import RuleState
from case_management.ui.rules.found import shown_actions
from case_management.ui.rules.trials import OfRule
from case_management.ui.trials import ROWS_PER_PAGE, may_be_named

DAYS = 31


class ShadowPage(OfRule):
    """The log of one version. What is about cases that the reader may not see is counted, not named."""

    template_name = "case_management/rules/shadow.html"

    def get_page_title(self) -> str:
        """Names the rule."""
        return _("“%s” in the shadow") % self.rule.name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Counts per day over everything, then the lines that may be named."""
        log = ShadowFiring.objects.filter(rule=self.rule)
        named = log.filter(may_be_named(self.request.user))
        rows = named.select_related("case", "interaction").order_by("-fired_at", "-pk")
        page = Paginator(rows, ROWS_PER_PAGE).get_page(self.request.GET.get("page"))
        days = log.annotate(day=TruncDate("fired_at")).order_by().values("day").annotate(count=Count("pk"))
        total = log.count()
        context = {
            "rule": self.rule,
            "is_watching": self.rule.state == RuleState.SHADOW,
            "days": list(days.order_by("-day")[:DAYS]),
            "total": total,
            "unseen": total - page.paginator.count,
            "page": page,
            "rows": [(row, shown_actions(row.actions)) for row in page],
        }
        return super().get_context_data(**kwargs) | context
