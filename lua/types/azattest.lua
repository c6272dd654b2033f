---@meta azattest

-- Annotations for the Lua language server, written by lua/annotate.py from
-- bindings/model.toml. Put the folder of this file into workspace.library.

---@class azattest.options.validation
---@field validate_token? boolean true. False: nothing is checked, and the token stays UNVERIFIED
---@field validate_signature? boolean true. False: the token stays UNVERIFIED
---@field validate_expiration? boolean true
---@field validate_expiration_time? boolean true
---@field validate_not_before? boolean true
---@field validate_not_before_time? boolean true
---@field validate_issuer? boolean true
---@field require_expiration? boolean true
---@field require_attestation? boolean an answer about policies or certificates is refused: true for a Verifier and attest calls, false for AttestationToken.validate
---@field allow_unsecured? boolean false
---@field allow_debug? boolean true
---@field issuer? string|string[] the endpoint of the client
---@field validation_slack? number 60 seconds; 0: none
---@field max_age? integer seconds since `iat`; not checked
---@field at? number time of validation; now
---@field clock? function gives the time of validation in seconds since 1970, asked for each call; the system's
---@field algorithms? string[] RS and PS 256 to 512, ES256, ES384, ES512
---@field signers? azattest.AttestationSigners|string closed list of keys; those of the instance. JWKS or PEM text will do
---@field expected_nonce? string not checked
---@field expected_runtime_data? string not checked
---@field expected_runtime_json? string not checked
---@field expected_policy_hash? string|string[] 32 bytes, or several hashes, any of them; not checked
---@field expected_type? string not checked
---@field require_claims? table|string[] claims with their values, or names alone; none
---@field verify_service_evidence? boolean false. True: the signing certificate has to hold evidence of the enclave that made the key
---@field service_appraisal? azattest.Appraisal|azattest.options.appraisal|string which enclave that has to be; needed for verify_service_evidence. A mapping or JSON text will do
---@field service_collateral? azattest.Collateral|string|string[] for that evidence; none
---@field service_roots? string PEM certificates trusted beside Intel's root for that evidence; none
---@field signer_roots? string PEM certificates, one of which the certificate of an authority has to reach; not checked
---@field validation_callback? function (token, signer), run last by the binding; false, a list of problems or a failure refuses

---@class azattest.options.client
---@field api_version? string 2025-06-01
---@field allow_insecure_http? boolean false. True: http is accepted for loopback hosts
---@field validation_options? azattest.options.validation defaults of every call; a table or mapping will do
---@field application_id? string in front of User-Agent; none
---@field retry_total? integer tries after the first: 3; 0: none
---@field retry_delay? number first wait: 0.8 seconds; doubles each time
---@field retry_max_delay? number 60 seconds
---@field retry_after_max? number 120 seconds
---@field timeout? number whole call, waits included: 100 seconds; infinity: none
---@field key_cache_life? number 3600 seconds
---@field trace_bodies? boolean false. True: the log shows bodies as structure, values cut to 8 characters
---@field log_level? string of this client's calls: verbose, info, warning, error; the process's
---@field credential? azattest.Credential|azattest.Source|string none: anonymous. One of azattest.credentials, an object with get_token, a function, or a token
---@field scopes? string of its tokens; by the endpoint's cloud
---@field tenant_id? string of its tokens; the credential's own
---@field check_evidence? string what is checked of evidence before it is sent: off, binding (the default), full
---@field evidence_collateral? azattest.Collateral|string|string[] for the full check; none
---@field evidence_roots? string PEM certificates trusted beside the makers' roots by the full check; none

---@class azattest.options.connection
---@field ca_file? string PEM bundle to trust instead of the system's
---@field ca_path? string hashed folder to trust instead of the system's bundle
---@field ca_pem? string PEM text to trust instead of the system's
---@field proxy? string from the environment; "": none
---@field connect_timeout? number 10 seconds
---@field read_timeout? number 60 seconds without a byte
---@field transport? azattest.Transport an object with send(request) and sleep(seconds) instead of libcurl

---@class azattest.options.attest: azattest.options.validation
---@field runtime_data? string|azattest.AttestationData not sent; empty bytes are data
---@field runtime_json? string instead of runtime_data: text of a JSON object
---@field inittime_data? string|azattest.AttestationData as runtime_data
---@field inittime_json? string as runtime_json
---@field draft_policy? string policy text to evaluate instead; the answer's token is unsecured
---@field nonce? string comes back as a claim, which is checked
---@field check_binding? boolean as check_evidence says
---@field check_evidence? string off, binding, full; the client's
---@field evidence_collateral? azattest.Collateral|string|string[] for the full check; the client's
---@field evidence_roots? string for the full check; the client's
---@field validation_options? azattest.options.validation overrides the client's, member by member; each member may also stand alone
---@field client_request_id? string a new UUID
---@field vcek_chain? string SEV-SNP: VCEK, ASK and ARK, PEM or DER
---@field endorsements? string SEV-SNP: what a confidential container endorses; none
---@field traceparent? string W3C trace context, passed through; none
---@field log_level? string of this call: verbose, info, warning, error; the client's

---@class azattest.options.policy: azattest.options.validation
---@field signing_key? azattest.AttestationSigningKey|string who signs: a key pair, or the PEM text of a private key beside signing_certificate; the client's
---@field signing_certificate? string PEM text of the certificate of a signing_key that is PEM text
---@field validation_options? azattest.options.validation overrides the client's, member by member; each member may also stand alone
---@field client_request_id? string a new UUID
---@field traceparent? string W3C trace context, passed through; none

---@class azattest.options.signing_key
---@field passphrase? string of an encrypted key; none
---@field algorithm? string RS256, or ES256, ES384, ES512 by the curve

---@class azattest.options.credential
---@field authority_host? string AZURE_AUTHORITY_HOST, else https://login.microsoftonline.com
---@field tenant_id? string workload identity: AZURE_TENANT_ID; CLI: that of its login
---@field client_id? string workload identity: AZURE_CLIENT_ID; managed identity: a user-assigned one
---@field object_id? string managed identity: a user-assigned one, instead of client_id
---@field resource_id? string managed identity: a user-assigned one, instead of client_id
---@field subscription? string CLI: name or id
---@field token_file_path? string workload identity: AZURE_FEDERATED_TOKEN_FILE
---@field send_certificate_chain? boolean false. True: x5c in the client assertion
---@field x5t_sha1? boolean false. True: RS256 with x5t, for old AD FS
---@field process_timeout? number CLI: 13 seconds
---@field additionally_allowed_tenants? string AZURE_ADDITIONALLY_ALLOWED_TENANTS: names with semicolons between, or *

---@class azattest.options.secret
---@field key_id? string `kid` of the key, or its thumbprint where it has none; there is but one key
---@field allow_debug? boolean false: nothing is sealed to evidence that its token calls debuggable

---@class azattest.options.tcb_baseline
---@field provide_current_tcb_in_policy? boolean not sent; 2022-09-01-preview alone has it
---@field client_request_id? string a new UUID
---@field traceparent? string W3C trace context, passed through; none
---@field log_level? string of this call: verbose, info, warning, error; the client's

---@class azattest.options.verify
---@field at? number now
---@field extra_roots? string PEM certificates trusted beside the makers' roots
---@field runtime_data? string when given, its binding is a required check
---@field allow_debug? boolean true: a warning. False: refused
---@field collateral? azattest.Collateral|string|string[] what the makers publish; none, and its checks are left
---@field collateral_grace? number for how long collateral that expired still counts; 0
---@field appraisal? azattest.Appraisal|azattest.options.appraisal|string what is expected of the evidence; nothing. A mapping or JSON text will do
---@field nonce? string when given, the qualifying data of a TPM's quote
---@field allow_masked_chip_id? boolean false: an SEV-SNP report without its chip id is refused, unless a VLEK signed it
---@field refuse_unknown_bits? boolean false: bits of an SEV-SNP report that are not known are a warning

---@class azattest.options.parse
---@field attestation_type? string what the policy is for, SgxEnclave and so on; nothing in particular
---@field lenient? boolean false. True: what the service may or may not take is a warning instead of an error

---@class azattest.options.evaluation
---@field work_limit? integer how many steps an evaluation may take; ten million

---@class azattest.options.claims
---@field attestation_type? string the token's, or the one that such evidence is mostly sent to; of claims by hand: none
---@field runtime_data? string data that came with the evidence and that it binds, or none
---@field runtime_json? string instead of runtime_data: JSON text
---@field inittime_data? string none; which claim the service makes of it is not established
---@field inittime_json? string instead of inittime_data: JSON text
---@field nonce? string none

---@class azattest.options.collateral
---@field source? string auto (the maker), intel, amd, azure, azure_vm, pccs
---@field endpoint? string an origin that is asked in place of the source's own hosts
---@field region? string of azure: the region of its TDX items, and its cache of VCEKs
---@field product? string of an SEV-SNP report of version 2, which does not tell: Milan, Genoa, Turin
---@field tcb_evaluation_data_number? integer of Intel's items; the newest
---@field update? string standard, early; as the source has it
---@field subscription_key? string of Intel's PCS, for evidence without its PCK certificate; none
---@field crls_only? boolean false. True: revocation lists alone

---@class azattest.options.fetching: azattest.options.collateral, azattest.options.connection
---@field cache? azattest.CollateralCache|string what keeps collateral: a folder; inside nginx a lua_shared_dict
---@field offline? boolean true: nothing is fetched, what the cache keeps serves until its own end
---@field application_id? string in front of User-Agent; none
---@field retry_total? integer tries after the first: 3; 0: none
---@field retry_delay? number first wait: 0.8 seconds; doubles each time
---@field retry_max_delay? number 60 seconds
---@field retry_after_max? number 120 seconds
---@field timeout? number whole call, waits included: 100 seconds; infinity: none
---@field log_level? string of this client's calls: verbose, info, warning, error; the process's

---@class azattest.options.appraisal each member a value or a list of accepted ones; bytes, or their hexadecimal text
---@field kinds? any
---@field allow_debug? any
---@field allow_not_checked? any
---@field report_data? string|string[]
---@field runtime_data_sha256? string|string[]
---@field tcb_statuses? any
---@field advisories_accepted? any
---@field advisories_refused? any
---@field min_tcb_evaluation_data_number? any
---@field min_tcb_date? any
---@field allow_smt? any
---@field allow_dynamic_platform? any
---@field allow_cached_keys? any
---@field mr_enclave? string|string[]
---@field mr_signer? string|string[]
---@field product_id? any
---@field min_svn? any
---@field config_id? string|string[]
---@field min_config_svn? any
---@field isv_family_id? string|string[]
---@field isv_extended_product_id? string|string[]
---@field mr_td? string|string[]
---@field rtmr0? string|string[]
---@field rtmr1? string|string[]
---@field rtmr2? string|string[]
---@field rtmr3? string|string[]
---@field mr_config_id? string|string[]
---@field mr_owner? string|string[]
---@field mr_owner_config? string|string[]
---@field mr_service_td? string|string[]
---@field mr_seam? string|string[]
---@field mr_signer_seam? string|string[]
---@field td_attributes? any
---@field xfam? any
---@field allow_migratable? any
---@field require_sept_ve_disable? any
---@field measurement? string|string[]
---@field id_key_digest? string|string[]
---@field author_key_digest? string|string[]
---@field host_data? string|string[]
---@field family_id? string|string[]
---@field image_id? string|string[]
---@field chip_id? string|string[]
---@field denied_chip_ids? string|string[]
---@field min_guest_svn? any
---@field max_vmpl? any
---@field products? any
---@field min_reported_tcb? any
---@field min_committed_tcb? any
---@field min_launch_tcb? any
---@field policy? any
---@field pcrs? any
---@field allow_sha1? any
---@field secure_boot? any
---@field vm_unique_id? any

---@class azattest.options.evaluate: azattest.options.evaluation, azattest.options.claims those of claims for evidence alone; attestation_type for a token, a table and JSON text, too

---@alias azattest.Claims azattest.ClaimSet|table|string|azattest.AttestationToken|azattest.AttestationResult|azattest.AttestationResponse|azattest.Evidence

---@class azattest.GuestParts
---@field hcl_report? string
---@field td_quote? string
---@field certificates? string
---@field tpm_message? string
---@field tpm_signature? string
---@field ak_public? string
---@field event_log? string
---@field pcrs? table<integer, string>|table<string, table<integer, string>> values by index, or such tables by bank

---@class azattest.options.constructor: azattest.options.client, azattest.options.connection
---@field endpoint string|string[] address of the instance, https; a list for a Verifier of several

---@class azattest.options.oneline_policy: azattest.options.policy, azattest.options.client, azattest.options.connection
---@field client? azattest.AttestationAdministrationClient instead of the endpoint
---@field endpoint? string AZATTEST_ENDPOINT, when neither is given

---@class azattest.options.source: azattest.options.credential, azattest.options.connection
---@field client_secret? string client_secret alone
---@field certificate_path? string client_certificate alone: a file of PEM or PKCS#12
---@field certificate_data? string client_certificate alone: its content
---@field password? string client_certificate alone

---@class azattest.options.oneline: azattest.options.attest, azattest.options.client, azattest.options.connection
---@field client? azattest.AttestationClient instead of the endpoint
---@field endpoint? string AZATTEST_ENDPOINT, when neither is given

---Instead of libcurl: an object with these two functions, which may yield. A send that fails gives nil, a message,
---"transport" (tried again), "timeout", "cancelled" or "final" (not tried again), and whether a part of the answer had come.
---@class azattest.Transport
---@field send fun(self, request: azattest.Request): azattest.Answer?, string?, string?, boolean? an answer; or nil and why
---@field sleep fun(self, seconds: number): boolean? false: interrupted
---@field keys? fun(self, op: azattest.KeysWanted) answers with keys that processes share; what it leaves open is fetched

---@class azattest.KeysWanted
---@field keys fun(self): {url: string, kid: string?, unknown: boolean, failure: string?}? nil: none are wanted any more
---@field give_keys fun(self, jwks: string, age?: number, max_age?: number, warning?: string): boolean false: not taken
---@field fetch_keys fun(self)

---@class azattest.Request
---@field method string
---@field url string
---@field headers table<string, string>
---@field body string?
---@field response_limit integer largest answer that will be taken
---@field timeout number? seconds that are left of the call's time limit

---@alias azattest.Source table|fun(scope: string): string|table|nil, any an object with get_token(self, scope), or a function

---@class azattest.Answer
---@field status integer
---@field reason string?
---@field headers table<string, string|string[]>?
---@field body string?

---Attests evidence at one instance; fetches its signing certificates and its metadata.
---@class azattest.AttestationClient
---@field endpoint string The normalised endpoint.
---@field api_version string The version of the service's interface that calls name.
local AttestationClient = {}

---Ends the client; a second time does nothing. Calls that still run come to their end.
function AttestationClient:close() end

---Attests an Intel SGX quote (raw bytes) and validates the token that comes back.
---@param quote string
---@param options? azattest.options.attest
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function AttestationClient:attest_sgx_enclave(quote, options) end

---Attests an Open Enclave report (header and quote, raw bytes) and validates the token that comes back.
---@param report string
---@param options? azattest.options.attest
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function AttestationClient:attest_open_enclave(report, options) end

---Attests an AMD SEV-SNP virtual machine: its raw report with `vcek_chain`, or the whole JSON document.
---@param report string
---@param options? azattest.options.attest
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function AttestationClient:attest_sev_snp_vm(report, options) end

---Attests an Intel TDX virtual machine by its raw quote.
---@param quote string
---@param options? azattest.options.attest
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function AttestationClient:attest_tdx_vm(quote, options) end

---Attests an MdepTz device, from api-version 2026-03-11-preview on.
---@param report string
---@param options? azattest.options.attest
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function AttestationClient:attest_mdep_tz(report, options) end

---Sends the document of an Azure guest; gives the sealed answer as it comes, for the guest to open.
---@param attestation_info string
---@param options? azattest.options.attest
---@return string? result
---@return azattest.Error? err
function AttestationClient:attest_azure_guest(attestation_info, options) end

---The same for KeyGuard, from api-version 2026-03-11-preview on.
---@param attestation_info string
---@param options? azattest.options.attest
---@return string? result
---@return azattest.Error? err
function AttestationClient:attest_key_guard(attestation_info, options) end

---One step of the attestation of a TPM or a VBS enclave: a JSON message out, one back.
---@param content string
---@param options? azattest.options.attest
---@return string? result
---@return azattest.Error? err
function AttestationClient:attest_tpm(content, options) end

---The same for Pluton, from api-version 2026-03-11-preview on.
---@param content string
---@param options? azattest.options.attest
---@return string? result
---@return azattest.Error? err
function AttestationClient:attest_pluton(content, options) end

---The TCB baselines that a policy of this attestation type can choose from.
---@param attestation_type string
---@param options? azattest.options.tcb_baseline
---@return azattest.TcbBaseline[]? result
---@return azattest.Error? err
function AttestationClient:get_tcb_baseline(attestation_type, options) end

---Fetches the keys that the instance signs with; they also fill the key cache.
---@return azattest.AttestationSigners? result
---@return azattest.Error? err
function AttestationClient:get_signing_certificates() end

---Fetches the metadata document of the instance.
---@return azattest.OpenIdMetadata? result
---@return azattest.Error? err
function AttestationClient:get_open_id_metadata() end

---Reads and changes the policies of one instance, and the certificates whose keys may sign them.
---@class azattest.AttestationAdministrationClient
---@field endpoint string The normalised endpoint.
---@field api_version string The version of the service's interface that calls name.
local AttestationAdministrationClient = {}

---Ends the client; a second time does nothing.
function AttestationAdministrationClient:close() end

---The text of the policy for a type of attestation, empty when there is none; the response also has policy_token and policy_signer.
---@param attestation_type string
---@param options? azattest.options.policy
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function AttestationAdministrationClient:get_policy(attestation_type, options) end

---Sets the policy for a type, signed if there is a signing key. The value is a PolicyResult that fits what was sent.
---@param attestation_type string
---@param attestation_policy string
---@param options? azattest.options.policy
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function AttestationAdministrationClient:set_policy(attestation_type, attestation_policy, options) end

---Goes back to the default policy for a type. The value is a PolicyResult.
---@param attestation_type string
---@param options? azattest.options.policy
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function AttestationAdministrationClient:reset_policy(attestation_type, options) end

---The certificates whose keys may sign policies, as AttestationSigners; none but on isolated instances.
---@param options? azattest.options.policy
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function AttestationAdministrationClient:get_policy_management_certificates(options) end

---Adds a certificate (PEM or DER), signed by the key of a known one. The value is a PolicyCertificatesModificationResult.
---@param certificate string
---@param options? azattest.options.policy
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function AttestationAdministrationClient:add_policy_management_certificate(certificate, options) end

---Removes a certificate; as adding one.
---@param certificate string
---@param options? azattest.options.policy
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function AttestationAdministrationClient:remove_policy_management_certificate(certificate, options) end

---Relying party: validates tokens of one instance, or of several, without attesting anything. Holds the key cache.
---@class azattest.Verifier
---@field endpoint string The normalised endpoint; the first of several.
---@field endpoints string[] All endpoints, normalised.
local Verifier = {}

---Ends the verifier; a second time does nothing.
function Verifier:close() end

---Validates a compact token: with the cached keys at once, otherwise after fetching them.
---@param token_text string
---@param options? azattest.options.validation
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function Verifier:validate(token_text, options) end

---The cached key set as JWKS text for AttestationSigners.parse() or a file, or nothing when none was fetched yet. With several endpoints say whose.
---@param endpoint string?
---@return string? result
---@return azattest.Error? err
function Verifier:export_keys(endpoint) end

---Where the access token of a call comes from; made by its kind's constructor, or the functions of azattest.credentials. Holds its token cache.
---@class azattest.Credential
---@field kind string The official name of its kind: "StaticTokenCredential".
local Credential = {}

---An access token for the scope, from the cache while it is fresh.
---@param scope string
---@return {token: string, expires_on: integer}? result
---@return azattest.Error? err
function Credential:get_token(scope) end

---Ends it; clients that have it keep it.
function Credential:close() end

---A token that the caller has.
---@class azattest.StaticTokenCredential: azattest.Credential

---Tokens from the caller's own function, or object with get_token.
---@class azattest.CallbackCredential: azattest.Credential

---An application with a secret.
---@class azattest.ClientSecretCredential: azattest.Credential

---An application with a certificate and its key.
---@class azattest.ClientCertificateCredential: azattest.Credential

---The identity of the machine or of the hosting service.
---@class azattest.ManagedIdentityCredential: azattest.Credential

---A federated token of a file, exchanged for an access token.
---@class azattest.WorkloadIdentityCredential: azattest.Credential

---The login of the program az.
---@class azattest.AzureCliCredential: azattest.Credential

---An application that the environment describes.
---@class azattest.EnvironmentCredential: azattest.Credential

---Environment, workload identity, managed identity, CLI: the first that has a token.
---@class azattest.DefaultAzureCredential: azattest.Credential

---One token as the service issues it, readable before and after validation.
---@class azattest.AttestationToken
---@field algorithm string? `alg` of the header.
---@field key_id string? `kid` of the header.
---@field type string? `typ` of the header.
---@field content_type string? `cty` of the header.
---@field key_url string? `jku` of the header. Never fetched.
---@field x509_url string? `x5u` of the header. Never fetched.
---@field certificate_thumbprint string? `x5t` of the header.
---@field certificate_sha256_thumbprint string? `x5t#S256` of the header.
---@field critical any `crit` of the header (a list where the token is well-formed); absent when there is none.
---@field x509_certificate_chain any `x5c` of the header (a list of base64 DER where the token is well-formed). Never used to verify anything.
---@field issuer string? `iss` of the body.
---@field expires_on number? `exp` of the body.
---@field expires number? expires_on as Azure's Python SDK spells it.
---@field issued_on number? `iat` of the body.
---@field issued number? issued_on as Azure's Python SDK spells it.
---@field not_before number? `nbf` of the body.
---@field header_bytes string The decoded header, as it was signed.
---@field body_bytes string The decoded body, as it was signed.
---@field signature_bytes string The decoded signature.
---@field signed_elements string The characters that are signed.
---@field is_secured boolean `alg` is not "none".
---@field is_validated boolean All checks passed, the signature among them.
---@field signer azattest.AttestationSigner? The signer that verified the token; absent before a validation that passed.
local AttestationToken = {}

---The original text, byte for byte. Python's str(token) gives the same.
---@return string
function AttestationToken:serialize() end

---serialize() as Azure's Python SDK spells it.
---@return string? result
---@return azattest.Error? err
function AttestationToken:to_jwt_string() end

---Validates with the keys of `signers`; sends nothing. Gives the token itself; the failure lists every failed check.
---@param options? azattest.options.validation
---@return azattest.AttestationToken? result
---@return azattest.Error? err
function AttestationToken:validate(options) end

---As validate(), but gives the failed checks as a list, empty when the token is valid.
---@param options? azattest.options.validation
---@return azattest.Problem[]? result
---@return azattest.Error? err
function AttestationToken:problems(options) end

---The typed claims. Refused before a validation that passed, unless `unverified` is true.
---@param options? {unverified: boolean?}
---@return azattest.AttestationResult? result
---@return azattest.Error? err
function AttestationToken:result(options) end

---The header, decoded anew at each call.
---@return table
function AttestationToken:header() end

---The body, decoded anew at each call.
---@return table
function AttestationToken:body() end

---One claim of the body by its name; absent when there is none.
---@param name string
---@return any
function AttestationToken:claim(name) end

---An indented table of the claims with dates in words, for people.
---@return string
function AttestationToken:pretty() end

---Wipes it now, before the collector does; a second time does nothing.
function AttestationToken:close() end

---One key that the service signs with: key id, key, certificates.
---@class azattest.AttestationSigner
---@field key_id string? `kid` of the key.
---@field key_type string? "RSA" or "EC"; absent when the key cannot be used.
---@field key_bits integer Size of the key in bits; 0 when it cannot be used.
---@field problem string? Why the key or its certificates cannot be used at all.
---@field certificates string[] The certificates as PEM text, leaf first.
---@field certificates_der string[] The certificates as DER, leaf first.
---@field public_key_pem string? The public key as PEM text; absent when it cannot be used.
local AttestationSigner = {}

---A key set: a sequence of AttestationSigner.
---@class azattest.AttestationSigners: { [integer]: azattest.AttestationSigner }
---@field count integer Number of entries.
---@field jwks string The set as JWKS text that parse() reads back.
local AttestationSigners = {}

---One entry by its place, counted as the language counts (from 0 in Python, from 1 in Lua).
---@param place integer
---@return azattest.AttestationSigner?
function AttestationSigners:at(place) end

---The claims of an attestation token, typed. A missing claim is absent; a claim of a wrong type is an error.
---@class azattest.AttestationResult
---@field is_validated boolean The token was validated, signature and all.
---@field issuer string? `iss`.
---@field unique_id string? `jti`.
---@field nonce string? `nonce`; of an Azure guest the payload's "nonce".
---@field version string? `x-ms-ver`.
---@field verifier_type string? `x-ms-attestation-type`, for instance "sgx".
---@field issued_on number? `iat`.
---@field expires_on number? `exp`.
---@field not_before number? `nbf`.
---@field policy_hash string? `x-ms-policy-hash`, 32 bytes: SHA-256 over the base64url text of the policy.
---@field runtime_claims table? `x-ms-runtime`.
---@field inittime_claims table? `x-ms-inittime`.
---@field policy_claims table? `x-ms-policy`.
---@field confirmation table? `cnf`: the attested key.
---@field compliance_status string? `x-ms-compliance-status`, for instance "azure-compliant-cvm".
---@field report_data string? Report data, 64 bytes: `x-ms-sgx-report-data`, `x-ms-sevsnpvm-reportdata`, `tdx_report_data`.
---@field mr_enclave string? `x-ms-sgx-mrenclave`, lower-case hexadecimal.
---@field mr_enclave_bytes string? `x-ms-sgx-mrenclave`, 32 bytes.
---@field mr_signer string? `x-ms-sgx-mrsigner`, lower-case hexadecimal.
---@field mr_signer_bytes string? `x-ms-sgx-mrsigner`, 32 bytes.
---@field product_id integer? `x-ms-sgx-product-id`.
---@field svn integer? `x-ms-sgx-svn`.
---@field enclave_held_data string? `x-ms-sgx-ehd`: the runtime data as it was sent in its binary form.
---@field sgx_collateral table? `x-ms-sgx-collateral`.
---@field config_id string? `x-ms-sgx-config-id`, 64 bytes; platforms with KSS only.
---@field config_svn integer? `x-ms-sgx-config-svn`; platforms with KSS only.
---@field isv_extended_product_id string? `x-ms-sgx-isv-extended-product-id`, 16 bytes; platforms with KSS only.
---@field isv_family_id string? `x-ms-sgx-isv-family-id`, 16 bytes; platforms with KSS only.
---@field launch_measurement string? `x-ms-sevsnpvm-launchmeasurement`, 48 bytes.
---@field host_data string? `x-ms-sevsnpvm-hostdata`, 32 bytes.
---@field report_id string? `x-ms-sevsnpvm-reportid`, 32 bytes.
---@field id_key_digest string? `x-ms-sevsnpvm-idkeydigest`, 48 bytes.
---@field author_key_digest string? `x-ms-sevsnpvm-authorkeydigest`, 48 bytes.
---@field family_id string? `x-ms-sevsnpvm-familyId`, 16 bytes.
---@field image_id string? `x-ms-sevsnpvm-imageId`, 16 bytes.
---@field guest_svn integer? `x-ms-sevsnpvm-guestsvn`.
---@field bootloader_svn integer? `x-ms-sevsnpvm-bootloader-svn`.
---@field tee_svn integer? `x-ms-sevsnpvm-tee-svn`.
---@field snp_firmware_svn integer? `x-ms-sevsnpvm-snpfw-svn`.
---@field microcode_svn integer? `x-ms-sevsnpvm-microcode-svn`.
---@field vmpl integer? `x-ms-sevsnpvm-vmpl`.
---@field is_migration_allowed boolean? `x-ms-sevsnpvm-migration-allowed`.
---@field is_smt_allowed boolean? `x-ms-sevsnpvm-smt-allowed`.
---@field mr_td string? `tdx_mrtd`, 48 bytes.
---@field rtmr0 string? `tdx_rtmr0`, 48 bytes.
---@field rtmr1 string? `tdx_rtmr1`, 48 bytes.
---@field rtmr2 string? `tdx_rtmr2`, 48 bytes.
---@field rtmr3 string? `tdx_rtmr3`, 48 bytes.
---@field mr_config_id string? `tdx_mrconfigid`, 48 bytes.
---@field mr_owner string? `tdx_mrowner`, 48 bytes.
---@field mr_owner_config string? `tdx_mrownerconfig`, 48 bytes.
---@field mr_seam string? `tdx_mrseam`, 48 bytes.
---@field mr_signer_seam string? `tdx_mrsignerseam`, 48 bytes.
---@field seam_attributes string? `tdx_seam_attributes`, 8 bytes.
---@field seam_svn integer? `tdx_seamsvn`.
---@field td_attributes string? `tdx_td_attributes`, 8 bytes.
---@field td_attributes_debug boolean? `tdx_td_attributes_debug`.
---@field td_attributes_key_locker boolean? `tdx_td_attributes_key_locker`.
---@field td_attributes_perfmon boolean? `tdx_td_attributes_perfmon`.
---@field td_attributes_protection_keys boolean? `tdx_td_attributes_protection_keys`.
---@field td_attributes_septve_disable boolean? `tdx_td_attributes_septve_disable`.
---@field xfam string? `tdx_xfam`, 8 bytes.
---@field tee_tcb_svn string? `tdx_tee_tcb_svn`, 16 bytes.
---@field attester_tcb_status string? `attester_tcb_status`.
---@field debug_status string? `dbgstat`.
---@field eat_profile string? `eat_profile`.
---@field intended_use string? `intuse`.
---@field secure_boot boolean? `secureboot`, `secureBootEnabled`.
---@field vm_id string? `x-ms-azurevm-vmid`.
---@field os_type string? `x-ms-azurevm-ostype`.
---@field os_distro string? `x-ms-azurevm-osdistro`.
---@field os_build string? `x-ms-azurevm-osbuild`.
---@field os_version_major integer? `x-ms-azurevm-osversion-major`.
---@field os_version_minor integer? `x-ms-azurevm-osversion-minor`.
---@field is_windows boolean? `x-ms-azurevm-is-windows`.
---@field os_provisioning boolean? `x-ms-azurevm-os-provisioning`.
---@field attestation_protocol_version string? `x-ms-azurevm-attestation-protocol-ver`.
---@field attested_pcrs integer[]? `x-ms-azurevm-attested-pcrs`: numbers of the registers.
---@field boot_debug_enabled boolean? `x-ms-azurevm-bootdebug-enabled`.
---@field kernel_debug_enabled boolean? `x-ms-azurevm-kerneldebug-enabled`.
---@field hypervisor_debug_enabled boolean? `x-ms-azurevm-hypervisordebug-enabled`.
---@field debuggers_disabled boolean? `x-ms-azurevm-debuggersdisabled`.
---@field db_validated boolean? `x-ms-azurevm-dbvalidated`.
---@field dbx_validated boolean? `x-ms-azurevm-dbxvalidated`.
---@field default_secure_boot_keys_validated boolean? `x-ms-azurevm-default-securebootkeysvalidated`.
---@field elam_enabled boolean? `x-ms-azurevm-elam-enabled`.
---@field flight_signing_enabled boolean? `x-ms-azurevm-flightsigning-enabled`.
---@field hvci_policy integer? `x-ms-azurevm-hvci-policy`.
---@field signing_disabled boolean? `x-ms-azurevm-signingdisabled`.
---@field test_signing_enabled boolean? `x-ms-azurevm-testsigning-enabled`.
---@field aik_validated boolean? `aikValidated`.
---@field aik_pub_hash string? `aikPubHash`, 32 bytes: SHA-256 of the public attestation key in DER.
---@field tpm_version integer? `tpmVersion`.
---@field iommu_enabled boolean? `iommuEnabled`.
---@field boot_debugging_disabled boolean? `bootDebuggingDisabled`.
---@field not_safe_mode boolean? `notSafeMode`.
---@field not_win_pe boolean? `notWinPE`.
---@field vbs_enabled boolean? `vbsEnabled`.
---@field vbs_report_present boolean? `vbsReportPresent`.
---@field enclave_author_id string? `enclaveAuthorId`, bytes.
---@field enclave_image_id string? `enclaveImageId`, bytes.
---@field enclave_owner_id string? `enclaveOwnerId`, bytes.
---@field enclave_family_id string? `enclaveFamilyId`, bytes.
---@field enclave_svn integer? `enclaveSvn`.
---@field enclave_platform_svn integer? `enclavePlatformSvn`.
---@field enclave_flags integer? `enclaveFlags`.
---@field is_debuggable boolean? Whether the host can read and change what was attested: the debug claim of SGX, SEV-SNP or TDX, inside `x-ms-isolation-tee` too.
---@field isolation_tee azattest.AttestationResult? `x-ms-isolation-tee`: the claims of the confidential VM around an Azure guest, as a result of its own.
---@field policy_signer azattest.AttestationSigner? `x-ms-policy-signer`: who signed the policy.
---@field client_payload table? `client-payload` of `x-ms-runtime`: what an Azure guest sent along, by name, decoded to bytes.
local AttestationResult = {}

---All claims, decoded anew at each call.
---@return table
function AttestationResult:claims() end

---One claim by its name; absent when there is none.
---@param name string
---@return any
function AttestationResult:claim(name) end

---Seals a secret to the public key that the attested program put into its token, as a compact JWE that only it can open. Refused unless the token is validated, and for debuggable evidence.
---@param secret string
---@param options? azattest.options.secret
---@return string? result
---@return azattest.Error? err
function AttestationResult:seal_secret(secret, options) end

---Wipes it now, before the collector does; a second time does nothing.
function AttestationResult:close() end

---An indented table of the claims with dates in words, for people.
---@return string
function AttestationResult:pretty() end

---What a call that is answered with a token gives. In Python it unpacks as (value, token).
---@class azattest.AttestationResponse
---@field value azattest.AttestationResult|string|azattest.PolicyResult|azattest.AttestationSigners|azattest.PolicyCertificatesModificationResult The typed claims, or what an administration call gives.
---@field body azattest.AttestationResult|string|azattest.PolicyResult|azattest.AttestationSigners|azattest.PolicyCertificatesModificationResult The same object as value.
---@field token azattest.AttestationToken The token that the claims came from.
---@field raw_token string The compact token.
---@field request_id string? `x-ms-request-id` of the answer.
---@field is_draft boolean The answer to a draft policy: good for this call alone, and not secured.
---@field warning string? A warning: a refresh of the key cache failed and older keys were used, or the evidence could not be read here, so that the token's measurements were not compared with it.
---@field policy_token azattest.AttestationToken? The stored policy token that get_policy() read; absent when there is none.
---@field policy_signer azattest.AttestationSigner? Who signed the policy that get_policy() read: the key that verifies the stored token; absent when nobody did.
local AttestationResponse = {}

---A private key and its certificate, to sign policies and changes of certificates with.
---@class azattest.AttestationSigningKey
---@field algorithm string The algorithm that it signs with, for instance "RS256".
---@field key_type string "RSA" or "EC".
---@field certificate_pem string The key's certificate as PEM text.
local AttestationSigningKey = {}

---Wipes the key early; a second time does nothing.
function AttestationSigningKey:close() end

---What the makers of platforms say beside the evidence: TCB info, identities, revocation lists, certificates.
---@class azattest.Collateral
---@field expires number? When the first of its items ends.
local Collateral = {}

---Adds the content of a file, whatever it is: answers of Intel's PCS, bundles, certificates and revocation lists, endorsements, what save() gave.
---@param content string
---@return true? result
---@return azattest.Error? err
function Collateral:add(content) end

---Adds the body of one answer together with the issuer chain of its header.
---@param item string
---@param body string
---@param issuer_chain string?
---@return true? result
---@return azattest.Error? err
function Collateral:add_response(item, body, issuer_chain) end

---What is in the set: kinds, windows, evaluation numbers, issuers, which roots they verify to, and whose issuer is missing.
---@return table
function Collateral:describe() end

---The whole set as one JSON document, which add() takes.
---@return string? result
---@return azattest.Error? err
function Collateral:save() end

---A folder that keeps fetched collateral, for many processes; nothing expired passes for fresh. Inside nginx a lua_shared_dict.
---@class azattest.CollateralCache
local CollateralCache = {}

---The body of a policy token: the text of one policy.
---@class azattest.StoredAttestationPolicy
---@field attestation_policy string The text of the policy.
---@field json string? The body as JSON text, as a token carries it; absent for an empty body.
local StoredAttestationPolicy = {}

---What became of a policy.
---@class azattest.PolicyResult
---@field policy_resolution string? A value of PolicyModification, or other text; absent when the policy was only read.
---@field policy_token_hash string? 32 bytes: the hash of the policy token that the service stored; absent but after a policy was set.
---@field policy_signer azattest.AttestationSigner? Who signed the policy; absent for an unsigned one.
---@field policy string? The stored policy token as compact text; absent unless the policy was read.
---@field policy_text string? The text of the policy, perhaps empty; absent unless the policy was read.
local PolicyResult = {}

---What became of a policy-management certificate.
---@class azattest.PolicyCertificatesModificationResult
---@field certificate_thumbprint string SHA-1 of the certificate, hexadecimal, as the service sent it.
---@field certificate_resolution string A value of CertificateModification, or other text.
local PolicyCertificatesModificationResult = {}

---Runtime or init-time data: bytes, and whether the service is to take them as JSON. Taken wherever such data is.
---@class azattest.AttestationData
---@field bytes string The bytes, as they are hashed and sent.
---@field is_json boolean They are sent as JSON and come back as JSON claims.
local AttestationData = {}

---Wipes it now, before the collector does; a second time does nothing.
function AttestationData:close() end

---The metadata document of an instance.
---@class azattest.OpenIdMetadata
---@field issuer string? `issuer`.
---@field jwks_uri string? `jwks_uri`.
---@field revocation_endpoint string? `revocation_endpoint`.
---@field claims_supported string[]? `claims_supported`.
---@field response_types_supported string[]? `response_types_supported`.
---@field id_token_signing_alg_values_supported string[]? `id_token_signing_alg_values_supported`.
local OpenIdMetadata = {}

---The whole document.
---@return table
function OpenIdMetadata:to_dict() end

---The names of the document's members; with get(), [] and in, a program for Azure's Python SDK reads it as a dictionary.
---@return string[]? result
---@return azattest.Error? err
function OpenIdMetadata:keys() end

---One member of the document, or a default.
---@return table? result
---@return azattest.Error? err
function OpenIdMetadata:get() end

---One baseline by which a policy can judge platforms. What the service does not say is absent.
---@class azattest.TcbBaseline
---@field tcb_identifier string? What `x-ms-sgx-tcbidentifier` of a policy names.
---@field tcb_evaluation_data_number integer? Number of the vendor's evaluation.
---@field tcb_release_date number? When it was released; UTC.
---@field minimum_psw_linux_version string? Least platform software on Linux.
---@field minimum_psw_windows_version string? Least platform software on Windows.
---@field is_selected_tcb boolean? The instance's policy has chosen it.
local TcbBaseline = {}

---Parsed evidence of a trusted execution environment.
---@class azattest.Evidence
---@field kind string "sgx_quote", "tdx_quote", "open_enclave_report", "attested_certificate" and others.
---@field form string What load() unwrapped: "raw", "hex", "base64", "base64url", "pem" or "json".
---@field raw string The raw evidence, as the service takes it.
---@field quote string The quote inside, without header and without bytes behind it.
---@field held_data string? Held data that stood beside the evidence in a JSON document.
---@field version integer? Version of the quote or report; absent where there is none (a local report).
---@field mr_enclave string? MRENCLAVE, 32 bytes.
---@field mr_signer string? MRSIGNER, 32 bytes.
---@field report_data string Report data, 64 bytes.
---@field cpu_svn string? CPUSVN, 16 bytes.
---@field product_id integer? ISVPRODID; absent for other evidence than an enclave's.
---@field svn integer? ISVSVN; absent for other evidence than an enclave's.
---@field is_debuggable boolean ATTRIBUTES.DEBUG.
---@field tee string Whose hardware it speaks of: "sgx", "tdx", "snp", "tpm" or "none".
---@field trailing string? Bytes behind the quote, which nothing signs.
---@field config_id string? CONFIGID of an enclave, 64 bytes.
---@field config_svn integer? CONFIGSVN of an enclave.
---@field isv_family_id string? ISVFAMILYID of an enclave, 16 bytes.
---@field isv_extended_product_id string? ISVEXTPRODID of an enclave, 16 bytes.
---@field tee_tcb_svn string? TEE_TCB_SVN of a trust domain, 16 bytes.
---@field mr_seam string? MRSEAM, 48 bytes.
---@field mr_signer_seam string? MRSIGNERSEAM, 48 bytes.
---@field mr_td string? MRTD of a trust domain, 48 bytes.
---@field mr_config_id string? MRCONFIGID, 48 bytes.
---@field mr_owner string? MROWNER, 48 bytes.
---@field mr_owner_config string? MROWNERCONFIG, 48 bytes.
---@field mr_service_td string? MRSERVICETD of TD report 1.5, 48 bytes.
---@field td_attributes integer? TDATTRIBUTES.
---@field xfam integer? XFAM.
---@field fmspc string? FMSPC of the platform, from the PCK certificate, 6 bytes.
---@field pceid string? PCEID, 2 bytes.
---@field pck_ca string? "processor" or "platform": the authority that issued the PCK certificate.
---@field measurement string? The launch measurement of an SEV-SNP guest, 48 bytes.
---@field host_data string? Host data of an SEV-SNP report, 32 bytes.
---@field id_key_digest string? Digest of the key that signed the identity block of an SEV-SNP guest, 48 bytes.
---@field author_key_digest string? Digest of the author key of an SEV-SNP guest, 48 bytes.
---@field family_id string? Family id of an SEV-SNP guest, 16 bytes.
---@field image_id string? Image id of an SEV-SNP guest, 16 bytes.
---@field report_id string? Report id of an SEV-SNP guest, 32 bytes.
---@field chip_id string? Chip id of an SEV-SNP report, 64 bytes; all zero when masked.
---@field reported_tcb string? Reported TCB version of an SEV-SNP report, 8 bytes.
---@field guest_svn integer? Security version of an SEV-SNP guest.
---@field guest_policy integer? Policy bits of an SEV-SNP guest.
---@field vmpl integer? VMPL of an SEV-SNP report: 0 to 3, or 4294967295 when the host asked for it.
---@field snp_product string? Product of an SEV-SNP report: "Milan", "Genoa", "Turin", "Venice".
---@field runtime_claims string? Runtime claims of an Azure guest: JSON, exactly the bytes that the hardware's report binds.
---@field user_data string? What the guest itself put into its runtime claims, 64 bytes.
---@field nonce string? Nonce (qualifying data) of a TPM's quote.
---@field pcr_digest string? The digest over PCRs that a TPM's quote states.
local Evidence = {}

---A run-time measurement register of a trust domain, 48 bytes.
---@param index integer
---@return string?
function Evidence:rtmr(index) end

---A PCR's value as it came along, by bank and index.
---@param bank string?
---@param index integer
---@return string?
function Evidence:pcr(bank, index) end

---Every field, byte strings in lower-case hexadecimal.
---@return table
function Evidence:fields() end

---Fails unless SHA-256 of the runtime data is the first half of the report data. Lua gives true.
---@param runtime_data string
---@return true? result
---@return azattest.Error? err
function Evidence:check_binding(runtime_data) end

---Verifies offline: signatures, bindings, the chain to the maker's root key; with collateral also revocation and TCB, with an appraisal what is expected.
---@param options? azattest.options.verify
---@return azattest.VerificationResult? result
---@return azattest.Error? err
function Evidence:verify(options) end

---What is expected of evidence: measurements, signers, versions, statuses. The options of Evidence.verify take it.
---@class azattest.Appraisal
local Appraisal = {}

---The appraisal in its canonical form.
---@return table
function Appraisal:to_dict() end

---Claims as the conditions of a policy see them: type, value and issuer, none of them twice.
---@class azattest.ClaimSet
---@field claims {type: string, value: any, issuer: string, value_type: string}[] The claims in their order. A value is text, an integer or a boolean; its type is String, Integer or Boolean.
local ClaimSet = {}

---Adds a claim: its type, its value (text, an integer or a boolean) and its issuer, which is AttestationService unless it is given. Not possible any more once the set was evaluated.
---@param type string
---@param value string|integer|boolean
---@param issuer string?
---@return true? result
---@return azattest.Error? err
function ClaimSet:add(type, value, issuer) end

---A parsed policy: immutable, shared, evaluated any number of times. It never has errors.
---@class azattest.Policy
---@field text string The text as it was given, byte for byte.
---@field version string 1.0, 1.1 or 1.2.
---@field policy_hash string What x-ms-policy-hash of tokens has that were made under this text; 32 bytes.
---@field rule_count integer Rules of all sections.
---@field formatted string? The same policy in the one layout, with its comments; another text, and so another hash. Absent when it would be larger than a policy may be.
---@field explanation string What the policy does, in English: a summary, then a sentence for each rule.
local Policy = {}

---Evaluates the policy over claims (a ClaimSet, or what one is made of). A function that fails and work beyond the limit are errors, never a permit. work_limit: most steps.
---@param claims azattest.Claims
---@param options? azattest.options.evaluate
---@return azattest.PolicyEvaluation? result
---@return azattest.Error? err
function Policy:evaluate(claims, options) end

---What looks wrong with it, as the lint function of the policy module says.
---@return azattest.PolicyReport? result
---@return azattest.Error? err
function Policy:lint() end

---What differs from this policy to another one, or to a text.
---@param other azattest.Policy|string
---@return azattest.PolicyDifference? result
---@return azattest.Error? err
function Policy:compare(other) end

---Whether a token was made under a policy of this text, by its hash; absent when the token has none.
---@param token azattest.AttestationToken|azattest.AttestationResult|azattest.AttestationResponse|string
---@return boolean? result
---@return azattest.Error? err
function Policy:matches_token(token) end

---Sections, rules, conditions, tests and actions, each with its place in the text.
---@return table
function Policy:tree() end

---What the linter says of one text: errors, warnings and notes, in its order.
---@class azattest.PolicyReport
---@field findings {severity: string, id: string, line: integer, column: integer, offset: integer, length: integer, message: string, found: string?, expected: string?}[] Every finding. Lines and columns count from 1, a column is a character; offset and length are bytes of the text in UTF-8.
---@field error_count integer Findings that the service refuses, or that certainly break the policy.
---@field warning_count integer Findings that are taken, and probably do not mean what their author thinks.
---@field note_count integer Findings that have a better form.
---@field is_cut boolean Whether there was more to say than a report holds.
---@field json string The findings as JSON text.
local PolicyReport = {}

---What a policy makes of claims: whether they are permitted, what is issued, and why.
---@class azattest.PolicyEvaluation
---@field is_permitted boolean A rule permits, and none denies.
---@field outcome string permit or deny.
---@field reason string What decided: "the rule of line 5 denies".
---@field deny_line integer? Line of the first deny rule that fired.
---@field deny_rule string? Its source text.
---@field claims table What the policy issues into the token: type to value, or to a list of values.
---@field properties table The properties that the policy sets, in the same form.
---@field incoming {type: string, value: any, issuer: string, value_type: string}[] All claims at the end, those that came in and those that rules added; as in a ClaimSet.
---@field trace table What each rule did: whether it fired, with which claims, what it made, and why it did not.
---@field explanation string The same in English, of some lines.
local PolicyEvaluation = {}

---Two policies compared: by rule, and by what they make of claims.
---@class azattest.PolicyDifference
---@field is_same boolean The same version, sections and rules in the same order.
---@field is_same_text boolean The same text, byte for byte, and so the same hash.
---@field change_count integer Rules added, removed, changed or moved, sections that only one policy has, and another version.
---@field outcome_count integer Sets of claims that were added.
---@field outcome_changed_count integer Those of them for which the outcome, a claim or a property differs.
---@field text string All of it for people: rules as in a unified diff, then the outcomes.
local PolicyDifference = {}

---Evaluates both policies over a set of claims, under a name, and keeps what differs. A policy that cannot be evaluated has the outcome error.
---@param name string
---@param claims azattest.Claims
---@param options? azattest.options.claims
---@return true? result
---@return azattest.Error? err
function PolicyDifference:add(name, claims, options) end

---All of it: what is the same, both versions and hashes, changes, outcomes.
---@return table
function PolicyDifference:to_dict() end

---The verdict of an offline verification, with every check and what was not checked.
---@class azattest.VerificationResult
---@field is_valid boolean Every required check is true.
---@field checks {id: string, ok: boolean?, detail: string, required: boolean}[] Every check in order; ok is absent where it was not made, which refuses when the check is required.
---@field warnings string[] What does not refuse but should be seen, for instance a DEBUG enclave.
---@field not_checked string[] What this verification left out.
---@field root string? "intel", or "extra" for a root that the caller passed; absent when the chain reached neither.
---@field is_complete boolean Valid, and nothing was left out.
---@field is_appraised boolean An appraisal was given: its checks begin with "appraisal.".
---@field tcb_status string? The platform's status by Intel's collateral, in Intel's spelling; absent when it was not established.
---@field tcb_date number? Date of the level that gave the status.
---@field tcb_evaluation_data_number integer? The lower tcbEvaluationDataNumber of TCB info and identity.
---@field advisories string[] Security advisories of the levels that matched.
---@field earliest_expiration number? When the first of all that the verdict rests on expires.
---@field latest_issue number? When the last of all that the verdict rests on was issued.
local VerificationResult = {}

---The whole verdict.
---@return table
function VerificationResult:to_dict() end

---One failed check of a token.
---@class azattest.Problem
---@field code integer Status of the failed check.
---@field detail string What was seen and what was expected.
local Problem = {}

---What went wrong. Python raises it, by classes for each layer; Lua gives it back as the second value.
---@class azattest.Error
---@field code integer The stable status: a number, equal to a member of Status.
---@field message string What happened, which value was seen and which was expected.
---@field hint string? The next step, for causes that are known.
---@field status_code integer HTTP status of the answer, 0 when there was none.
---@field reason string? Reason phrase of the answer.
---@field error_code string? The service's own code.
---@field service_message string? The service's own message.
---@field target string? The service's `target`.
---@field details any The service's `details`, decoded.
---@field inner_error any The service's `innererror`, decoded.
---@field client_request_id string? `x-ms-client-request-id` as sent.
---@field request_id string? `x-ms-request-id` of the answer.
---@field retry_after number? Seconds that the service asked to wait.
---@field attempts integer Number of tries; 0 when nothing was sent.
---@field body string? The first 2048 bytes of the answer's body, control characters escaped.
---@field problems azattest.Problem[] Failed token checks, all of them; empty for other failures.
local Error = {}

---The module that `require "azattest"` gives.
---@class azattest
---@field Status table<string, integer> the stable statuses by name; an unknown name raises
---@field null lightuserdata JSON null
---@field AttestationType table<string, string> Types of attestation that have a policy. By name; an unknown name raises
---@field PolicyModification table<string, string> What became of a policy. By name; an unknown name raises
---@field CertificateModification table<string, string> What became of a policy-management certificate. By name; an unknown name raises
---@field array_mt table the metatable of JSON arrays
local azattest = {}

---Of a token and, if known, the second of its end.
---@param token string
---@param expires_on number?
---@return azattest.StaticTokenCredential? result
---@return azattest.Error? err
function azattest.StaticTokenCredential(token, expires_on) end

---Of a callable, or an object with get_token.
---@param source azattest.Source
---@return azattest.CallbackCredential? result
---@return azattest.Error? err
function azattest.CallbackCredential(source) end

---Of tenant_id, client_id, client_secret.
---@param options? azattest.options.source
---@return azattest.ClientSecretCredential? result
---@return azattest.Error? err
function azattest.ClientSecretCredential(options) end

---Of tenant_id, client_id, and a certificate: PEM or PKCS#12.
---@param options? azattest.options.source
---@return azattest.ClientCertificateCredential? result
---@return azattest.Error? err
function azattest.ClientCertificateCredential(options) end

---Of nothing, or of one id of a user-assigned identity.
---@param options? azattest.options.source
---@return azattest.ManagedIdentityCredential? result
---@return azattest.Error? err
function azattest.ManagedIdentityCredential(options) end

---Of the environment, or of tenant_id, client_id, token_file_path.
---@param options? azattest.options.source
---@return azattest.WorkloadIdentityCredential? result
---@return azattest.Error? err
function azattest.WorkloadIdentityCredential(options) end

---Of nothing, or of tenant_id and subscription.
---@param options? azattest.options.source
---@return azattest.AzureCliCredential? result
---@return azattest.Error? err
function azattest.AzureCliCredential(options) end

---Of the environment.
---@param options? azattest.options.source
---@return azattest.EnvironmentCredential? result
---@return azattest.Error? err
function azattest.EnvironmentCredential(options) end

---Of the environment.
---@param options? azattest.options.source
---@return azattest.DefaultAzureCredential? result
---@return azattest.Error? err
function azattest.DefaultAzureCredential(options) end

---Makes a client of the instance at `endpoint` (https). Sends nothing.
---@param options azattest.options.constructor
---@return azattest.AttestationClient? object
---@return azattest.Error? err
function azattest.AttestationClient(options) end

---Makes a client of the instance at `endpoint`; a credential is mandatory. Takes a default signing key too. Sends nothing.
---@param options azattest.options.constructor
---@return azattest.AttestationAdministrationClient? object
---@return azattest.Error? err
function azattest.AttestationAdministrationClient(options) end

---Reads a private key (PEM, encrypted or not) and its certificate, which have to match.
---@param signing_key string
---@param certificate string
---@param options? azattest.options.signing_key
---@return azattest.AttestationSigningKey? result
---@return azattest.Error? err
function azattest.AttestationSigningKey(signing_key, certificate, options) end

---An empty set, or one of the contents of some files.
---@overload fun(...: string): azattest.Collateral?, azattest.Error?
azattest.Collateral = {}

---A set of the contents of files, and of all files of folders, where what is no collateral is passed over with a warning in the log.
---@param ... string
---@return azattest.Collateral? result
---@return azattest.Error? err
function azattest.Collateral.load(...) end

---Opens a folder, and makes it where it is missing. Inside nginx: the lua_shared_dict of that name.
---@param name string
---@return azattest.CollateralCache? result
---@return azattest.Error? err
function azattest.CollateralCache(name) end

---Makes the body for a policy text. Called as a function of the text.
---@overload fun(text: string): azattest.StoredAttestationPolicy?, azattest.Error?
azattest.StoredAttestationPolicy = {}

---Reads the body of a policy token. Says nothing about who signed it. A static function.
---@param token string|azattest.AttestationToken
---@return azattest.StoredAttestationPolicy? result
---@return azattest.Error? err
function azattest.StoredAttestationPolicy.parse(token) end

---Makes a verifier for tokens of the instance at `endpoint`, or of several: a list. Then the token's `iss` chooses which of them judges it, and a token of none is refused. Sends nothing.
---@param options azattest.options.constructor
---@return azattest.Verifier? object
---@return azattest.Error? err
function azattest.Verifier(options) end

azattest.AttestationToken = {}

---Takes a compact token apart, strictly; trusts nothing. A static function: AttestationToken.parse(text).
---@param text string
---@return azattest.AttestationToken? result
---@return azattest.Error? err
function azattest.AttestationToken.parse(text) end

---Makes a token of a JSON object (none: an empty body): unsecured, or signed by a key with its certificate. A static function.
---@param body string?
---@param options? azattest.options.policy
---@return azattest.AttestationToken? result
---@return azattest.Error? err
function azattest.AttestationToken.create(body, options) end

azattest.AttestationSigners = {}

---Reads JWKS text, or PEM text with certificates or public keys. A static function.
---@param text string
---@return azattest.AttestationSigners? result
---@return azattest.Error? err
function azattest.AttestationSigners.parse(text) end

---Makes it of bytes. Whether they are JSON is said by `is_json`, or found out: strictly a JSON object is.
---@param data string
---@param is_json boolean?
---@return azattest.AttestationData? result
---@return azattest.Error? err
function azattest.AttestationData(data, is_json) end

azattest.Evidence = {}

---Parses raw evidence; its first bytes say what it is. A static function.
---@param raw string
---@return azattest.Evidence? result
---@return azattest.Error? err
function azattest.Evidence.parse(raw) end

---Parses the content of a file, whatever wraps the evidence: raw, hexadecimal, base64, PEM, JSON. A static function.
---@param content string
---@return azattest.Evidence? result
---@return azattest.Error? err
function azattest.Evidence.load(content) end

---Evidence of an Azure guest, or of any TPM, from its pieces.
---@param parts azattest.GuestParts
---@return azattest.Evidence? result
---@return azattest.Error? err
function azattest.Evidence.new_guest(parts) end

---Reads what is expected: JSON text, or the members by their names. A member that is not known is an error.
---@overload fun(expected: azattest.options.appraisal|string): azattest.Appraisal?, azattest.Error?
azattest.Appraisal = {}

---Reads the JSON text of an appraisal, or a file of it.
---@param path_or_text string
---@return azattest.Appraisal? result
---@return azattest.Error? err
function azattest.Appraisal.load(path_or_text) end

---An empty set, or one of JSON text or its members: an object of claims of the service, or a list of objects with type, value and issuer. With attestation_type an object gets what the service adds for that type.
---@overload fun(claims: table|string|nil, options: {attestation_type: string}?): azattest.ClaimSet?, azattest.Error?
azattest.ClaimSet = {}

---The claims of a token that its policy saw: the service's, without standard ones and those that the policy issued. attestation_type has to be the token's.
---@param token azattest.AttestationToken|azattest.AttestationResult|azattest.AttestationResponse|string
---@param options? {attestation_type: string?}
---@return azattest.ClaimSet? result
---@return azattest.Error? err
function azattest.ClaimSet.from_token(token, options) end

---The claims that the service would make of evidence; says nothing about its being genuine. attestation_type, and data and nonce as the attest calls take them.
---@param evidence azattest.Evidence|string
---@param options? azattest.options.claims
---@return azattest.ClaimSet? result
---@return azattest.Error? err
function azattest.ClaimSet.from_evidence(evidence, options) end

azattest.Policy = {}

---Parses a policy and checks all that can be known without claims. An error lists every fault with its line and column. A static function.
---@param text string
---@param options? azattest.options.parse
---@return azattest.Policy? result
---@return azattest.Error? err
function azattest.Policy.parse(text, options) end

azattest.PolicyDifference = {}

---Compares two policies rule by rule. A static function; Policy.compare is the same.
---@param before azattest.Policy|string
---@param after azattest.Policy|string
---@return azattest.PolicyDifference? result
---@return azattest.Error? err
function azattest.PolicyDifference.compare(before, after) end

---What the verdict of a piece of evidence needs, from the makers of its platform or a cache of theirs; with a CollateralCache only what that has not got, offline nothing else.
---@param evidence azattest.Evidence|string
---@param options? azattest.options.fetching
---@return azattest.Collateral? result
---@return azattest.Error? err
function azattest.fetch_collateral(evidence, options) end

---Version of the library.
---@return string
function azattest.version() end

---Every option and its default, by the names of C (`_ms` is milliseconds).
---@return table
function azattest.defaults() end

---Reads a compact token without network and without trust: its repr begins with UNVERIFIED, pretty() shows all.
---@param token_text string
---@return azattest.AttestationToken? result
---@return azattest.Error? err
function azattest.inspect(token_text) end

---Exactly the token that setting this policy with this key sends; sends nothing.
---@param attestation_policy string
---@param options? azattest.options.policy
---@return azattest.AttestationToken? result
---@return azattest.Error? err
function azattest.create_policy_token(attestation_policy, options) end

---create_policy_token under the name that other SDKs have.
---@param attestation_policy string
---@param options? azattest.options.policy
---@return azattest.AttestationToken? result
---@return azattest.Error? err
function azattest.AttestationPolicyToken(attestation_policy, options) end

---Seals a secret to a public key (JWK, JWK set or PEM) that is trusted for another reason than a token.
---@param key string
---@param secret string
---@param options? azattest.options.secret
---@return string? result
---@return azattest.Error? err
function azattest.seal_secret(key, secret, options) end

---Opens a sealed secret with a private key in PEM: what the attested program does.
---@param private_key string
---@param sealed string
---@param passphrase string?
---@return string? result
---@return azattest.Error? err
function azattest.open_secret(private_key, sealed, passphrase) end

---What the guest's TPM has to decrypt of the sealed answer of attest_azure_guest.
---@param sealed string
---@return string? result
---@return azattest.Error? err
function azattest.guest_answer_key(sealed) end

---Opens the sealed answer of attest_azure_guest with the inner key that the TPM gave; gives the token's text.
---@param sealed string
---@param inner_key string
---@return string? result
---@return azattest.Error? err
function azattest.open_guest_answer(sealed, inner_key) end

---The same with a private key in PEM, as a simulated TPM has.
---@param sealed string
---@param private_key string
---@param passphrase string?
---@return string? result
---@return azattest.Error? err
function azattest.open_guest_answer_with_key(sealed, private_key, passphrase) end

---Name of a status as in C, for instance "AZATTEST_E_TOKEN_EXPIRED".
---@param status integer
---@return string
function azattest.status_name(status) end

---One short phrase for a status.
---@param status integer
---@return string
function azattest.status_text(status) end

---The check of the strict set whose failure a status is, for instance "C1"; empty where it is none.
---@param status integer
---@return string
function azattest.status_check(status) end

---Gives the library's messages to a function (level, message), behind each call; nil: to nobody.
---@param receiver? fun(level: string, message: string)
---@param level? string
---@return true
function azattest.log_set(receiver, level) end

---The module that `require "azattest.attest"` gives.
---@class azattest.attest
local attest = {}

---AttestationClient.attest_sgx_enclave in one line.
---@param quote string
---@param options? azattest.options.oneline
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function attest.attest_sgx_enclave(quote, options) end

---AttestationClient.attest_open_enclave in one line.
---@param report string
---@param options? azattest.options.oneline
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function attest.attest_open_enclave(report, options) end

---AttestationClient.attest_sev_snp_vm in one line.
---@param report string
---@param options? azattest.options.oneline
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function attest.attest_sev_snp_vm(report, options) end

---AttestationClient.attest_tdx_vm in one line.
---@param quote string
---@param options? azattest.options.oneline
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function attest.attest_tdx_vm(quote, options) end

---AttestationClient.attest_azure_guest in one line.
---@param attestation_info string
---@param options? azattest.options.oneline
---@return string? result
---@return azattest.Error? err
function attest.attest_azure_guest(attestation_info, options) end

---AttestationClient.attest_tpm in one line.
---@param content string
---@param options? azattest.options.oneline
---@return string? result
---@return azattest.Error? err
function attest.attest_tpm(content, options) end

---AttestationClient.attest_pluton in one line.
---@param content string
---@param options? azattest.options.oneline
---@return string? result
---@return azattest.Error? err
function attest.attest_pluton(content, options) end

---AttestationClient.attest_key_guard in one line.
---@param attestation_info string
---@param options? azattest.options.oneline
---@return string? result
---@return azattest.Error? err
function attest.attest_key_guard(attestation_info, options) end

---AttestationClient.attest_mdep_tz in one line.
---@param report string
---@param options? azattest.options.oneline
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function attest.attest_mdep_tz(report, options) end

---AttestationClient.get_tcb_baseline in one line.
---@param attestation_type string
---@param options? azattest.options.oneline
---@return azattest.TcbBaseline[]? result
---@return azattest.Error? err
function attest.get_tcb_baseline(attestation_type, options) end

---AttestationClient.get_open_id_metadata in one line.
---@param options? azattest.options.oneline
---@return azattest.OpenIdMetadata? result
---@return azattest.Error? err
function attest.get_open_id_metadata(options) end

---The module that `require "azattest.certificates"` gives.
---@class azattest.certificates
local certificates = {}

---AttestationClient.get_signing_certificates in one line.
---@param options? azattest.options.oneline
---@return azattest.AttestationSigners? result
---@return azattest.Error? err
function certificates.get_signing_certificates(options) end

---AttestationAdministrationClient.get_policy_management_certificates in one line.
---@param options? azattest.options.oneline_policy
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function certificates.get_policy_management_certificates(options) end

---AttestationAdministrationClient.add_policy_management_certificate in one line.
---@param certificate string
---@param options? azattest.options.oneline_policy
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function certificates.add_policy_management_certificate(certificate, options) end

---AttestationAdministrationClient.remove_policy_management_certificate in one line.
---@param certificate string
---@param options? azattest.options.oneline_policy
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function certificates.remove_policy_management_certificate(certificate, options) end

---The module that `require "azattest.credentials"` gives.
---@class azattest.credentials
local credentials = {}

---A credential of a token that the caller has, and, if known, the second of its end.
---@param token string
---@param expires_on number?
---@return azattest.Credential? result
---@return azattest.Error? err
function credentials.static_token(token, expires_on) end

---A credential of a function of the scope, or of an object with get_token.
---@param source azattest.Source
---@return azattest.Credential? result
---@return azattest.Error? err
function credentials.callback(source) end

---An application with a secret.
---@param options? azattest.options.source
---@return azattest.Credential? result
---@return azattest.Error? err
function credentials.client_secret(options) end

---An application with a certificate and its key.
---@param options? azattest.options.source
---@return azattest.Credential? result
---@return azattest.Error? err
function credentials.client_certificate(options) end

---The identity of the machine or of the hosting service.
---@param options? azattest.options.source
---@return azattest.Credential? result
---@return azattest.Error? err
function credentials.managed_identity(options) end

---A federated token of a file, exchanged for an access token.
---@param options? azattest.options.source
---@return azattest.Credential? result
---@return azattest.Error? err
function credentials.workload_identity(options) end

---The login of the program az.
---@param options? azattest.options.source
---@return azattest.Credential? result
---@return azattest.Error? err
function credentials.azure_cli(options) end

---An application that the environment describes.
---@param options? azattest.options.source
---@return azattest.Credential? result
---@return azattest.Error? err
function credentials.environment(options) end

---Environment, workload identity, managed identity, CLI: the first that has a token.
---@param options? azattest.options.source
---@return azattest.Credential? result
---@return azattest.Error? err
function credentials.default(options) end

---The module that `require "azattest.policy"` gives.
---@class azattest.policy
local policy = {}

---AttestationAdministrationClient.get_policy in one line.
---@param attestation_type string
---@param options? azattest.options.oneline_policy
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function policy.get_policy(attestation_type, options) end

---AttestationAdministrationClient.set_policy in one line.
---@param attestation_type string
---@param attestation_policy string
---@param options? azattest.options.oneline_policy
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function policy.set_policy(attestation_type, attestation_policy, options) end

---AttestationAdministrationClient.reset_policy in one line.
---@param attestation_type string
---@param options? azattest.options.oneline_policy
---@return azattest.AttestationResponse? result
---@return azattest.Error? err
function policy.reset_policy(attestation_type, options) end

---The function of the package.
---@param attestation_policy string
---@param options? azattest.options.policy
---@return azattest.AttestationToken? result
---@return azattest.Error? err
function policy.create_policy_token(attestation_policy, options) end

---`x-ms-policy-hash` of tokens that are made under a policy of this text.
---@param attestation_policy string
---@return string? result
---@return azattest.Error? err
function policy.policy_hash(attestation_policy) end

---`x-ms-policy-token-hash` that setting a policy by this token gives.
---@param token string|azattest.AttestationToken
---@return string? result
---@return azattest.Error? err
function policy.policy_token_hash(token) end

---Policy.parse.
---@param text string
---@param options? azattest.options.parse
---@return azattest.Policy? result
---@return azattest.Error? err
function policy.parse(text, options) end

---A policy, or a text, in the one layout: another text, and so another hash.
---@param policy azattest.Policy|string
---@return string? result
---@return azattest.Error? err
function policy.format(policy) end

---What a policy, or a text, does, in English.
---@param policy azattest.Policy|string
---@return string? result
---@return azattest.Error? err
function policy.explain(policy) end

---Policy.evaluate of a policy, or of a text.
---@param policy azattest.Policy|string
---@param claims azattest.Claims
---@param options? azattest.options.evaluate
---@return azattest.PolicyEvaluation? result
---@return azattest.Error? err
function policy.evaluate(policy, claims, options) end

---PolicyDifference.compare of two policies, or texts.
---@param before azattest.Policy|string
---@param after azattest.Policy|string
---@return azattest.PolicyDifference? result
---@return azattest.Error? err
function policy.compare(before, after) end

---The policy that is in force on shared instances where none was set, by attestation type.
---@param attestation_type string
---@return string? result
---@return azattest.Error? err
function policy.default_text(attestation_type) end

---What is wrong with a policy's text, or looks wrong: any text has a report. With attestation_type the claims of that type are known.
---@param policy azattest.Policy|string
---@param options? azattest.options.parse
---@return azattest.PolicyReport? result
---@return azattest.Error? err
function policy.lint(policy, options) end

---Everything that a report may say, with what it means and how it is put right.
---@return {id: string, severity: string, meaning: string, fix: string}[]? result
---@return azattest.Error? err
function policy.lint_rules() end

---What is known of a policy by its hash of 32 bytes: of which type it is the default.
---@param policy_hash string
---@return string? result
---@return azattest.Error? err
function policy.known_name(policy_hash) end

---The module that `require "azattest.evidence"` gives.
---@class azattest.evidence
local evidence = {}

---Evidence.parse.
---@param raw string
---@return azattest.Evidence? result
---@return azattest.Error? err
function evidence.parse(raw) end

---Evidence.load: the content of a file.
---@param content string
---@return azattest.Evidence? result
---@return azattest.Error? err
function evidence.load(content) end

---Loads the content of a file (or takes an Evidence) and verifies it; the options of Evidence.verify.
---@param content string|azattest.Evidence
---@param options? azattest.options.verify
---@return azattest.VerificationResult? result
---@return azattest.Error? err
function evidence.verify(content, options) end

---Verifies the evidence inside a signing certificate of the service; debuggable enclaves are refused unless allow_debug is true.
---@param certificate string|azattest.AttestationSigner
---@param options? azattest.options.verify
---@return azattest.VerificationResult? result
---@return azattest.Error? err
function evidence.verify_service_certificate(certificate, options) end

---Loads the content of a file and gives kind, form, version and fields in one object.
---@param content string|azattest.Evidence
---@return table? result
---@return azattest.Error? err
function evidence.inspect(content) end

---@class azattest.options.resty: azattest.options.constructor
---@field keepalive_timeout? number seconds that an idle connection is kept; 60
---@field pool_size? integer idle connections of one pool, of a worker; 64
---@field httpc? table|fun(): table the module resty.http, or a function that makes an object with request_uri, instead of cosockets
---@field shared_dict? string lua_shared_dict in which workers share keys; azattest, when there is one

---@class azattest.options.require_token: azattest.options.resty, azattest.options.validation
---@field realm? string of the challenge; attested
---@field from? string|fun(): string? the header with the token, or what gives it; Authorization

---The package that `require "azattest.resty"` gives inside nginx: the same, on cosockets. ca_file, ca_path and ca_pem are
---refused: the directive lua_ssl_trusted_certificate stands for them.
---@class azattest.resty: azattest
---@field attest azattest.attest
---@field policy azattest.policy
---@field certificates azattest.certificates
local resty = {}

---Ends the request unless it shows a valid token of the instance; gives {token, value, claims, raw_token, warning}, which is ngx.ctx.azattest, too.
---@param options azattest.options.require_token
---@return table attested
function resty.require_token(options) end

---Fetches the keys of one instance or of several in a timer, for init_worker_by_lua.
---@param options azattest.options.resty
---@return true? started
---@return string? err why nginx starts no timer
function resty.prefetch(options) end

return azattest
