"""perform() and create(): the only doors for a change; the outbox and what runs it.

Import from the modules: `engine.perform`, `engine.machine`, `engine.outbox`, `engine.sweeps`.
"""
