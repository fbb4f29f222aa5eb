"""Who is at the order form: somebody without an account, a contact of a customer, the office."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.access import OFFICE, signed_in
from accounts.models import Role, User
from orders.models import Contact, Customer


@dataclass(frozen=True)
class Orderer:
    """Who is at the form: somebody without an account, a contact of a customer, or the office."""

    user: User | None
    customer: Customer | None
    contact: Contact | None

    @property
    def known(self) -> dict[str, str] | None:
        """What a contact need not type again; None for everybody else."""
        if self.contact is None or self.user is None:
            return None
        phone = self.contact.phone or self.user.phone
        return {
            "orderer_name": self.contact.name or self.user.name,
            "orderer_email": self.contact.email or self.user.email,
            "orderer_phone": str(phone) if phone else "",
        }


def orderer_of(request: HttpRequest) -> Orderer:
    """Who sent the request; roles that order nothing count as somebody without an account."""
    user = signed_in(request) if request.user.is_authenticated else None
    if user is None or user.role not in (Role.CUSTOMER, *OFFICE):
        return Orderer(None, None, None)
    contact = Contact.objects.select_related("customer").filter(user=user).first()
    return Orderer(user, contact.customer if contact else None, contact)
