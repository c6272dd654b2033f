-- Verifies evidence with collateral and an appraisal, without any network, and tells why it is valid or is not.
-- Usage: verify_evidence.lua EVIDENCE_FILE COLLATERAL_FILE APPRAISAL_FILE [ROOTS_FILE]
--
-- The evidence may be of any kind, in any wrapping. `azattest evidence collateral --evidence EVIDENCE_FILE --fetch --out
-- COLLATERAL_FILE` fetches what its verdict needs; examples/appraisals has appraisals to begin with. A file of roots is
-- for evidence of the simulator; real evidence needs none.
local azattest = require("azattest")

-- What a call gives, unless it failed.
local function check(...)
    if ... == nil then
        io.stderr:write(tostring(select(2, ...)), "\n")
        os.exit(1)
    end
    return ...
end

local function read_file(path)
    local file = check(io.open(path, "rb"))
    local content = file:read("*a")
    file:close()
    return content
end

if #arg ~= 3 and #arg ~= 4 then
    io.stderr:write("usage: verify_evidence.lua EVIDENCE_FILE COLLATERAL_FILE APPRAISAL_FILE [ROOTS_FILE]\n")
    os.exit(2)
end

local evidence = check(azattest.Evidence.load(read_file(arg[1])))
local verdict = check(evidence:verify({
    collateral = check(azattest.Collateral.load(arg[2])), -- may serve many verifications: it verifies its signatures once
    appraisal = check(azattest.Appraisal.load(arg[3])),
    extra_roots = arg[4] and read_file(arg[4]),
}))
for _, made in ipairs(verdict.checks) do
    if made.required or made.id:sub(1, 10) ~= "appraisal." then -- members that the appraisal has not got are listed, too
        local outcome = made.ok and "ok" or made.ok == nil and "not run" or "FAILED"
        print(("%-7s %-28s %s"):format(outcome, made.id, made.detail))
    end
end
for _, warning in ipairs(verdict.warnings) do
    print("warning: " .. warning)
end
for _, name in ipairs(verdict.not_checked) do
    print("not checked: " .. name)
end
print((verdict.is_valid and "VALID: " or "NOT VALID: ") .. evidence.kind
    .. (verdict.tcb_status and ", platform " .. verdict.tcb_status or "")
    .. (verdict.is_complete and ", complete" or ", not complete"))
os.exit(verdict.is_valid and 0 or 1)
