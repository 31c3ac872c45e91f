"""The budget: what the stack may cost a month."""

from components.budget.component import MonthlyBudget as MonthlyBudget
from components.budget.component import MonthlyBudgetArgs as MonthlyBudgetArgs
