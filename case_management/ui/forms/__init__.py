"""One form per operation on a case; each validates, then calls its operation."""

from case_management.ui.forms.assign import AssignForm, UnassignForm
from case_management.ui.forms.base import OperationForm
from case_management.ui.forms.close import CloseForm
from case_management.ui.forms.desk import Desk
from case_management.ui.forms.edit import EditForm
from case_management.ui.forms.escalate import EscalateForm
from case_management.ui.forms.flags import FlagForm, FlagForMeForm, UnflagForm
from case_management.ui.forms.note import NoteForm
from case_management.ui.forms.reopen import ReopenForm
from case_management.ui.forms.reroute import RerouteForm
from case_management.ui.forms.resolve import ResolveForm
from case_management.ui.forms.tags import TagsForm
from case_management.ui.forms.wait import ResumeForm, WaitForm

#: Word in the address → form.
FORMS: dict[str, type[OperationForm]] = {
    form.slug: form
    for form in (
        NoteForm,
        ResolveForm,
        ReopenForm,
        AssignForm,
        UnassignForm,
        EditForm,
        TagsForm,
        WaitForm,
        ResumeForm,
        RerouteForm,
        EscalateForm,
        CloseForm,
        FlagForm,
        UnflagForm,
        FlagForMeForm,
    )
}
__all__ = ["FORMS", "Desk", "OperationForm"]
