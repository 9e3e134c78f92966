"""The lifecycle's world: a request that was sent and has arrived."""

from tests.lifecycle.conftest import World, arrived, module_world, one_transaction, savepoint, world

__all__ = ["World", "arrived", "module_world", "one_transaction", "savepoint", "world"]
