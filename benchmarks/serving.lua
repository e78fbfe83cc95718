-- Requests for wrk: the addresses of a file in turn, each made distinct where it says SALT.
-- Arguments: the file, and the number before the first.

local addresses = {}
local number = 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    addresses[#addresses + 1] = line
  end
  number = tonumber(arguments[2])
  wrk.headers["Accept"] = "application/sparql-results+json"
end

function request()
  number = number + 1
  local address = addresses[number % #addresses + 1]
  return wrk.format("GET", (address:gsub("SALT", string.format("%d", number))))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests": %d, "microseconds": %d, "bytes": %d, "statuses": %d, "broken": %d, "p50": %d, "p99": %d}\n',
    summary.requests, summary.duration, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
