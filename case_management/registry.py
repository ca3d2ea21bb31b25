"""A typed registry that refuses duplicates and names what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from case_management.exceptions import InvalidConfiguration

T = TypeVar("T")


class Registry(Generic[T]):
    """Named extension points; a host registers its own in ``AppConfig.ready()``.

    >>> strategies: Registry[type] = Registry("assignment strategy")
    >>> strategies.register("nearest", object)
    <class 'object'>
    >>> strategies.get("nearest")
    <class 'object'>
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._items: dict[str, T] = {}

    def register(self, key: str, item: T) -> T:
        """Add ``item`` under ``key``; another item under the same key is an error."""
        if key in self._items and self._items[key] != item:
            raise InvalidConfiguration(f'The {self.what} "{key}" is registered twice; choose another key.')
        self._items[key] = item
        return item

    def registered(self, key: str) -> Callable[[T], T]:
        """Decorator form of :meth:`register`."""
        return lambda item: self.register(key, item)

    def get(self, key: str) -> T:
        """The item under ``key``, or an error that lists what there is."""
        try:
            return self._items[key]
        except KeyError:
            known = ", ".join(sorted(self._items)) or "none"
            raise InvalidConfiguration(f'There is no {self.what} "{key}". Known: {known}.') from None

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def items(self) -> list[tuple[str, T]]:
        """Keys and items in order of registration."""
        return list(self._items.items())

    def choices(self) -> list[tuple[str, str]]:
        """Pairs for a form field: key and the item's ``label`` (or the key)."""
        return [(key, str(getattr(item, "label", key))) for key, item in self._items.items()]

    @contextmanager
    def temporarily(self, key: str, item: T) -> Iterator[None]:
        """Register for the length of a test."""
        self.register(key, item)
        try:
            yield
        finally:
            del self._items[key]
