"""azattest.attest for asyncio: the same functions, to be awaited. `client` is one of azattest.aio."""

from .. import attest as _blocking
from .._client import AttestationResponse, OpenIdMetadata
from .._data import AttestationData
from .._token import AttestationResult, AttestationToken
from . import AttestationClient
from ._one_line import coroutine

__all__ = list(_blocking.__all__)

attest_sgx_enclave = coroutine(_blocking.attest_sgx_enclave, AttestationClient)
attest_open_enclave = coroutine(_blocking.attest_open_enclave, AttestationClient)
attest_sev_snp_vm = coroutine(_blocking.attest_sev_snp_vm, AttestationClient)
attest_tdx_vm = coroutine(_blocking.attest_tdx_vm, AttestationClient)
attest_azure_guest = coroutine(_blocking.attest_azure_guest, AttestationClient)
attest_tpm = coroutine(_blocking.attest_tpm, AttestationClient)
attest_pluton = coroutine(_blocking.attest_pluton, AttestationClient)
attest_key_guard = coroutine(_blocking.attest_key_guard, AttestationClient)
attest_mdep_tz = coroutine(_blocking.attest_mdep_tz, AttestationClient)
get_tcb_baseline = coroutine(_blocking.get_tcb_baseline, AttestationClient)
get_open_id_metadata = coroutine(_blocking.get_open_id_metadata, AttestationClient)
