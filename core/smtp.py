"""E-mail by SMTP that knows how far a conversation had come when it broke.

A server has no mail before the client has sent DATA and the text after it (RFC 5321 §3.3), so what
breaks earlier may be tried again without any risk of a second mail.
"""

from __future__ import annotations

import smtplib
from typing import Any

from django.core.mail.backends import smtp


class _TellsData(smtplib.SMTP):
    data_begun = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.data_begun = True
        return super().data(msg)


class _TellsDataSSL(_TellsData, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's own, which hides from its callers where it was."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _TellsDataSSL if self.use_ssl else _TellsData

    @property
    def data_begun(self) -> bool:
        """Whether the text of a mail may have gone out in this conversation."""
        return not isinstance(self.connection, _TellsData) or self.connection.data_begun
