"""Enumerations of names that the service knows. They are text: a plain string will do wherever one is taken, and what
the service says and no enumeration knows comes back as a plain string. Imported when first asked for, as enum is dear."""

from enum import Enum

from .swig import _swig


class _Names(str, Enum):
    __str__ = str.__str__
    __format__ = str.__format__

    @classmethod
    def _missing_(cls, value):
        if isinstance(value, str):
            for member in cls:
                if member.value.lower() == value.lower():
                    return member
        return None

    def __reduce_ex__(self, protocol):
        return (type(self), (self.value,))


def _names(name, prefix, doc):
    names = _Names(
        name,
        {
            constant[len(prefix) :]: value
            for constant, value in vars(_swig).items()
            if constant.startswith(prefix) and isinstance(value, str)
        },
        module="azattest",
    )
    names.__doc__ = doc
    return names


AttestationType = _names("AttestationType", "AZATTEST_TYPE_", "Types of attestation that have a policy.")
PolicyModification = _names("PolicyModification", "AZATTEST_POLICY_", "What became of a policy.")
CertificateModification = _names(
    "CertificateModification", "AZATTEST_CERTIFICATE_", "What became of a policy-management certificate."
)


def known(names, value):
    """The member for a value of the service; a value that no member has stays text."""
    for member in names:
        if member.value == value:
            return member
    return value
