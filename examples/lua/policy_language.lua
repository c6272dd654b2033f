-- Would this evidence be admitted under this policy, and what would the token say? Answered here: nothing is sent.
-- Usage: policy_language.lua POLICY_FILE ATTESTATION_TYPE EVIDENCE_FILE
--
-- Says what is wrong with the policy or looks wrong, then what it makes of the claims that the service would make of the
-- evidence, rule by rule. Whether the evidence is genuine is another question: verify_evidence.lua.
local azattest = require("azattest")
local policies = require("azattest.policy")

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

if #arg ~= 3 then
    io.stderr:write("usage: policy_language.lua POLICY_FILE ATTESTATION_TYPE EVIDENCE_FILE\n")
    os.exit(2)
end

local text, options = read_file(arg[1]), { attestation_type = arg[2] }
local report = check(policies.lint(text, options))
for _, finding in ipairs(report.findings) do
    print(arg[1] .. ":" .. tostring(finding))
end
if report.error_count > 0 then
    os.exit(1) -- the service would refuse the policy; azattest.Policy.parse gives nil and an error
end

local policy = check(azattest.Policy.parse(text, options)) -- may serve many evaluations
local known = policies.known_name(policy.policy_hash)
print(("version %s, rules: %d%s"):format(policy.version, policy.rule_count, known and ", the " .. known or ""))
local evidence = check(azattest.Evidence.load(read_file(arg[3])))
local evaluation = check(policy:evaluate(evidence)) -- what cannot be evaluated is not permitted
print(evaluation.explanation) -- evaluation.claims and .properties are tables
os.exit(evaluation.is_permitted and 0 or 1)
