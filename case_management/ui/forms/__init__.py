"""One form per operation on a case; each validates, then calls its operation."""

from case_management.ui.forms.assign import AssignForm, TakeForm, UnassignForm
from case_management.ui.forms.base import OperationForm, Place
from case_management.ui.forms.close import CloseForm
from case_management.ui.forms.desk import Desk
from case_management.ui.forms.edit import EditForm
from case_management.ui.forms.escalate import DeescalateForm, EscalateForm
from case_management.ui.forms.flags import FlagForm, FlagForMeForm, UnflagForm
from case_management.ui.forms.forward import ForwardForm
from case_management.ui.forms.link import LinkForm, UnlinkForm
from case_management.ui.forms.merge import MergeForm, UnmergeForm
from case_management.ui.forms.note import NoteForm
from case_management.ui.forms.reopen import ReopenForm
from case_management.ui.forms.reply import ReplyForm
from case_management.ui.forms.reroute import RerouteForm
from case_management.ui.forms.resolve import ResolveForm
from case_management.ui.forms.sending import CancelMessageForm, SendAgainForm
from case_management.ui.forms.snooze import SnoozeForm, WakeForm
from case_management.ui.forms.split import SplitForm
from case_management.ui.forms.tags import TagsForm
from case_management.ui.forms.wait import ResumeForm, WaitForm
from case_management.ui.forms.watch import AddWatcherForm, UnwatchForm, WatchForm

#: Word in the address → form.
FORMS: dict[str, type[OperationForm]] = {
    form.slug: form
    for form in (
        NoteForm,
        ReplyForm,
        ForwardForm,
        ResolveForm,
        ReopenForm,
        TakeForm,
        AssignForm,
        UnassignForm,
        EditForm,
        TagsForm,
        WaitForm,
        ResumeForm,
        SnoozeForm,
        WakeForm,
        RerouteForm,
        EscalateForm,
        DeescalateForm,
        LinkForm,
        UnlinkForm,
        MergeForm,
        UnmergeForm,
        SplitForm,
        WatchForm,
        UnwatchForm,
        AddWatcherForm,
        CloseForm,
        CancelMessageForm,
        SendAgainForm,
        FlagForm,
        UnflagForm,
        FlagForMeForm,
    )
}
__all__ = ["FORMS", "Desk", "OperationForm", "Place"]
