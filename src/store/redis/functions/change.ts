/**
 * Changes the trading state. Keys: trading state, disarmed symbols, events, outstanding openings, outstanding exits.
 * Arguments: `switch`, `note` or `void`; the state of a switch; by, reason, kill flag, the prefixes of permits and of use
 * records. Returns `{1 if changed, state, revision, permits voided}`.
 *
 * What halts or reduces frees memory, so it runs when memory is short, and neither a stream of events nor a set of
 * outstanding permits of another type stands in its way: every decision after it says that these cannot be used.
 */
export const CHANGE = `
-- What follows from the flag as it is now; nil where there is nothing to note.
local function noted_change(trading, flag)
  if trading.noted and is_same_flag(flag, trading.noted) then return nil end
  local flagged = state_of(flag)
  if flag == 'absent' then return {latched = trading.latched, stops = 'ACTIVE'} end
  if flagged == 'ACTIVE' then return {latched = 'ACTIVE', stops = 'ACTIVE', rearms = true} end
  return {latched = more_severe(flagged, trading.latched), stops = more_severe(flagged, trading.latched)}
end

local function planned_change(kind, wanted, trading, flag)
  if kind == 'note' then return noted_change(trading, flag) end
  if kind == 'void' then return {latched = trading.latched, stops = 'HALTED'} end
  return {latched = wanted, stops = wanted, rearms = wanted == 'ACTIVE'}
end

local function change_trading(keys, args)
  local kind, wanted, kill = args[1], args[2], args[5]
  -- Whatever else is wrong here, a flag that says halt halts.
  if wanted == 'HALTED' then redis.call('SET', kill, FLAG_OF.HALTED) end
  local trading, now_ms = read_trading(keys[1]), math.floor(micros() / 1000)
  local flag = kind == 'switch' and '=' .. FLAG_OF[wanted] or read_flag(kill)
  local plan = planned_change(kind, wanted, trading, flag)
  local needed = {{'HSET', keys[1], 'f', 'v'}, {'UNLINK', keys[2]}, {'XADD', keys[3], '*', 'f', 'v'}, voiding(keys[4], args[6], args[7])}
  if kind == 'switch' then table.insert(needed, 1, {'SET', kill, 'v'}) end
  must_be_permitted(needed)
  if kind == 'note' and not trading.noted and (flag == 'absent' or flag == '=' .. FLAG_OF.ACTIVE) then
    -- The first look at a flag that says nothing.
    redis.call('HSET', keys[1], 'noted', flag)
    plan = nil
  end
  if not plan then return {0, more_severe(state_of(flag), trading.latched), trading.revision, 0} end
  if plan.stops == 'ACTIVE' then fetch('stream', 'XLEN', keys[3]) end
  if plan.rearms then fetch('hash', 'HLEN', keys[2]) end

  local revision, at, voided = trading.revision + 1, seconds_of(now_ms), 0
  if kind == 'switch' then redis.call('SET', kill, FLAG_OF[wanted]) end
  redis.call('HSET', keys[1], 'revision', revision, 'latched', plan.latched)
  if kind ~= 'void' then redis.call('HSET', keys[1], 'noted', flag) end
  if plan.stops ~= 'ACTIVE' then
    redis.call('HSET', keys[1], 'void_openings', revision)
    voided = void_outstanding(keys[4], args[6], args[7], at)
  end
  if plan.stops == 'HALTED' then
    redis.call('HSET', keys[1], 'void_all', revision)
    voided = voided + void_outstanding(keys[5], args[6], args[7], at)
  end
  if plan.rearms then redis.call('UNLINK', keys[2]) end
  local state = more_severe(state_of(flag), plan.latched)
  local told = {'event', 'KILL_SWITCH', 'timestamp', at, 'state', state, 'by', args[3], 'reason', args[4], 'how', kind, 'voided', voided}
  add_entry(keys[3], EVENTS_KEPT, told, 1, #told)
  return {1, state, revision, voided}
end

local function change(keys, args)
  return guarded(change_trading, keys, args)
end
`;
