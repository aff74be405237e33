-- Asks for the paths in a file, one line each, in turn; tells every latency in microseconds and how often it came.

local paths = {}
local n = 0

function init(args)
  for line in io.lines(args[1]) do
    paths[#paths + 1] = line
  end
end

function request()
  n = n % #paths + 1
  return wrk.format("GET", paths[n])
end

function done(summary, latency)
  local errors = summary.errors
  io.write("errors ", errors.connect + errors.read + errors.write + errors.status + errors.timeout, "\n")
  io.write("rate ", summary.requests / summary.duration * 1000000, "\n")
  for i = 1, #latency do
    local microseconds, times = latency(i)
    io.write("latency ", microseconds, " ", times, "\n")
  end
end
