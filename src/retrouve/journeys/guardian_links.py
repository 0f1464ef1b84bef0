"""Lists that name the children on their guardian's line: each child learns who answers for it, or no longer does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from django.db import transaction

from retrouve.files.people import PersonLine
from retrouve.records.accounts import classes_of, kept_classes
from retrouve.records.imports import (
    Known,
    Link,
    by_external_id,
    change_guardians,
    children_after,
    forget_consents_for,
    keep_links,
    links_of,
)

CHILDREN_AT_ONCE = 20_000


class GuardianLinks:
    """What one import knows of them. `open_to_us` gives the children whom it may touch."""

    def __init__(self, portal: str, open_to_us: Callable[[Collection[Known]], list[Known]]) -> None:
        self.portal = portal
        self.open_to_us = open_to_us
        self.any_told = False

    def link(self, guardians: Sequence[tuple[PersonLine, str]]) -> None:
        """Of lines that were taken, each with its institution. An empty cell tells nothing."""
        telling = [(one, place) for one, place in guardians if one.external_id and one.children]
        if not telling:
            return
        self.any_told = True
        rows = by_external_id(self.portal, [child for one, _ in telling for child in one.children])
        children = {row.external_id: row for row in self.open_to_us(rows.values())}
        keep_links([Link(one.external_id, "", place) for one, place in telling])
        answering: dict[str, list[str]] = {}
        for one, _ in telling:
            for child in filter(children.__contains__, one.children):
                answering.setdefault(child, []).append(one.external_id)
        keep_links([Link(one, child, children[child].institution) for child, ids in answering.items() for one in ids])
        linked = {child: (*classes_of(children[child].guardians), *ids) for child, ids in answering.items()}
        after = {children[child]: kept_classes(tuple(dict.fromkeys(ids))) for child, ids in linked.items()}
        change_guardians([(row.id, kept) for row, kept in after.items() if kept != row.guardians])

    def unlink(self) -> None:
        """Once all lines are read. A list tells of the institutions of its guardians, and of the children they named:
        elsewhere they may have others.
        """
        last = 0
        while self.any_told and (children := children_after(self.portal, last, CHILDREN_AT_ONCE)):
            last = children[-1].id
            with transaction.atomic():
                self.unlink_from(children)

    def unlink_from(self, children: Sequence[Known]) -> None:
        told = links_of({guardian for child in children for guardian in classes_of(child.guardians)})
        places = {(link.guardian, link.institution) for link in told}
        named = {(link.guardian, link.child) for link in told}
        changes: list[tuple[int, str]] = []
        for child in self.open_to_us(children):
            known = classes_of(child.guardians)
            lost = {one for one in known if (one, child.institution) in places}
            lost -= {one for one in lost if (one, child.external_id) in named}
            if lost:
                changes.append((child.id, kept_classes([one for one in known if one not in lost])))
        change_guardians(changes)
        forget_consents_for(self.portal, [child for child, _ in changes])
