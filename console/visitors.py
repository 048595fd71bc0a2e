"""Who stands before a case page: a link is opened anew at every request, so that it ends when its reason does."""

from dataclasses import dataclass

from console.tickets import Scope, Ticket, TicketKey, is_over
from grid.city import Person
from grid.desk import Actor, Desk, reporter_of
from grid.likeness import public_view
from grid.reach import reach
from storage.queries import Books
from storage.tables import Case, CaseReporter, Resident


class Closed(Exception):
    """The link leads nowhere: 404 for one that nobody made, 410 for one that was good once. The page says the same for both."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass(frozen=True, slots=True)
class Visitor:
    """A link's bearer. `case` is the row as it is; what of it he may see is decided where it is shown.

    `actor`: what he is to the case, None for whoever only reads. `member`: his row among several reporters, if he has one.
    """

    scope: Scope
    token: str
    case: Case
    actor: Actor | None = None
    resident: Resident | None = None
    person: Person | None = None
    member: CaseReporter | None = None

    @property
    def is_first(self) -> bool:
        """Whether he is the resident who reported the case first: only he sees all that was told, and rates."""
        return self.resident is not None and self.case.resident_id == self.resident.id

    @property
    def seen(self) -> Case:
        """The case without what only its first reporter should know, for somebody who joined it."""
        return public_view(self.case) if self.scope is Scope.RESIDENT and not self.is_first else self.case


async def admit(books: Books, desk: Desk, key: TicketKey, token: str) -> Visitor:
    """Who bears this link. Raises `Closed`."""
    ticket = key.open(token)
    if ticket is None:
        raise Closed(404)
    if is_over(ticket, desk.now):
        raise Closed(410)
    case = await books.find(Case, ticket.case_id)
    if case is None:
        raise Closed(410)
    visitor = await _known(books, desk, ticket, token, case)
    if visitor is None:
        raise Closed(410)
    return visitor


async def _known(books: Books, desk: Desk, ticket: Ticket, token: str, case: Case) -> Visitor | None:
    match ticket.scope:
        case Scope.READ:
            # What anybody in a group may hold never opens a complaint about somebody's conduct.
            return None if case.conduct else Visitor(Scope.READ, token, case)
        case Scope.RESIDENT:
            return await _resident(books, ticket, token, case)
        case Scope.WORKER:
            return _worker(desk, ticket, token, case)
        case Scope.EXPORT:
            # It opens a page of its own (`console.export`), never a case.
            return None


async def _resident(books: Books, ticket: Ticket, token: str, case: Case) -> Visitor | None:
    resident = await books.find(Resident, ticket.subject)
    if resident is None:
        return None
    members = await books.likeness.list_members(case.id)
    member = next((row for row in members if row.resident_id == resident.id), None)
    if case.resident_id != resident.id and member is None:
        return None
    return Visitor(Scope.RESIDENT, token, case, reporter_of(resident), resident=resident, member=member)


def _worker(desk: Desk, ticket: Ticket, token: str, case: Case) -> Visitor | None:
    person = desk.city.people.get(ticket.subject)
    actor = reach(desk.city, case, person.userid) if person is not None and person.userid else None
    return Visitor(Scope.WORKER, token, case, actor, person=person) if actor is not None else None
