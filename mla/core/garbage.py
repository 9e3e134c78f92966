"""The search for garbage, in processes that load much once and then live long."""

import gc


def keep_what_is_loaded() -> None:
    """Take what is loaded by now out of the search for garbage: it stays as long as the process does.

    Each full search walks through all of it otherwise: 0.1 s in the middle of some page. In a process forked from one
    that has loaded it, the walk writes to every page of memory that both share, so that each has its own in the end;
    and since a full search waits until a quarter of all there is has come newly, garbage is kept the longer.
    """
    gc.collect()
    gc.freeze()
