"""The pages of administration, and the tabs that lead from one to another."""

from console.pages.admin import audit, backups, health, owners, people, policy, prompts, settings, telephones

ROUTERS = (
    health.router,
    people.router,
    telephones.router,
    settings.router,
    policy.router,
    prompts.router,
    owners.router,
    audit.router,
    backups.router,
)
