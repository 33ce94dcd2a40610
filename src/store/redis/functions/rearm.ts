/**
 * Re-arms a symbol, or all. Keys: trading state, disarmed symbols, events. Arguments: symbol or an empty text, by, reason.
 * Returns the symbols that were disarmed.
 */
export const REARM = `
local function rearm_symbols(keys, args)
  local symbol, trading = args[1], read_trading(keys[1])
  local disarmed = fetch('hash', 'HKEYS', keys[2])
  if symbol ~= '' then disarmed = fetch('hash', 'HEXISTS', keys[2], symbol) == 1 and {symbol} or {} end
  fetch('stream', 'XLEN', keys[3])
  must_be_permitted({{'HSET', keys[1], 'f', 'v'}, {'HDEL', keys[2], 'f'}, {'UNLINK', keys[2]}, {'XADD', keys[3], '*', 'f', 'v'}})

  local at = seconds_of(math.floor(micros() / 1000))
  local told = {'event', 'REARM', 'timestamp', at, 'symbol', symbol, 'by', args[2], 'reason', args[3]}
  local refused = add_events(keys[3], {#told, unpack(told)}, 1)
  if refused then return refused end
  if symbol == '' then redis.call('UNLINK', keys[2]) else redis.call('HDEL', keys[2], symbol) end
  redis.call('HSET', keys[1], 'revision', trading.revision + 1)
  return disarmed
end

local function rearm(keys, args)
  return guarded(rearm_symbols, keys, args)
end
`;
