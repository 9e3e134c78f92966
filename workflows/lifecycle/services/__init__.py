"""Services of both machines: keyword-only, named entity_action, one module per stage of the work."""
