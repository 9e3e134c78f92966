"""Forms of the screens; each act's form stands with its screen in workflows.web.acts."""
