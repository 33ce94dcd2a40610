/**
 * Takes a permit, once. Keys: permit, use record, stream of takes, stream of events, outstanding openings, outstanding
 * exits. Arguments: plan id, kill flag, trading state, the governor's records: three keys that are only read. Returns
 * `{'taken', permit, ms}` or `{why not}`. It runs when memory is short as well: an exit must not wait for that, and what is
 * taken is freed.
 */
import { KEPT_PREFIX } from '../../../contract/kept-permit.ts';

const TAKES_KEPT = 100_000;

export const TAKE = `
-- Why a permit that is not there cannot be taken. One that is gone before its time was taken with a plain GETDEL.
local function why_gone(use, kept, now_ms)
  if not use then return 'unknown' end
  local outcome = outcome_of(use)
  if outcome == 'used' or outcome == 'voided' or outcome == 'expired' then return outcome end
  if kept and kept.expiresAt * 1000 > now_ms then return 'used' end
  return 'expired'
end

-- Why a permit that lies there cannot be taken; nil: it can.
local function why_not(permit, use, kept, flag, trading, now_ms)
  local outcome = outcome_of(use)
  -- Something put it back.
  if outcome == 'used' or outcome == 'voided' or outcome == 'expired' then return outcome end
  if not kept or redis.sha1hex(permit) ~= kept.digest then return 'altered' end
  if not kept.takeable then return 'dry_run' end
  local state = more_severe(state_of(flag), trading.latched)
  if state == 'HALTED' then return 'halted' end
  if state == 'REDUCING' and not kept.reducing then return 'reducing' end
  if kept.epoch < trading.void_all or (not kept.reducing and kept.epoch < trading.void_openings) then return 'voided' end
  if now_ms > kept.expiresAt * 1000 then return 'expired' end
  if now_ms < kept.issuedAt * 1000 - 1000 then return 'early' end
  return nil
end

-- The kept record of a plan, or nil where there is none that could be read.
local function kept_of(records, plan_id)
  local text = fetch('hash', 'HGET', records, '${KEPT_PREFIX.permit}' .. plan_id)
  local is_json, kept = pcall(cjson.decode, text or '')
  if not is_json or type(kept) ~= 'table' then return nil end
  local is_sound = type(kept.expiresAt) == 'number' and type(kept.issuedAt) == 'number' and type(kept.epoch) == 'number'
    and type(kept.takeable) == 'boolean' and type(kept.reducing) == 'boolean' and type(kept.symbol) == 'string'
  return is_sound and kept or nil
end

local function take_permit(keys, args)
  local plan_id, now_ms = args[1], math.floor(micros() / 1000)
  local permit = redis.pcall('GET', keys[1])
  if failed(permit) then
    if wrong_type(keys[1], 'string') then return {'altered'} end
    error(permit)
  end
  local use = fetch('string', 'GET', keys[2])
  local kept = kept_of(args[4], plan_id)
  if not permit then return {why_gone(use, kept, now_ms)} end
  local why = why_not(permit, use, kept, read_flag(args[2]), read_trading(args[3]), now_ms)
  if why then return {why} end
  fetch('stream', 'XLEN', keys[3])
  fetch('stream', 'XLEN', keys[4])
  fetch('zset', 'ZCARD', keys[5])
  fetch('zset', 'ZCARD', keys[6])
  must_be_permitted({
    {'DEL', keys[1]}, {'SET', keys[2], 'v'}, {'XADD', keys[3], '*', 'f', 'v'}, {'XADD', keys[4], '*', 'f', 'v'},
    {'ZREM', keys[5], 'm'}, {'ZREM', keys[6], 'm'}
  })

  local at = seconds_of(now_ms)
  local told = {'event', 'PERMIT_TAKEN', 'timestamp', at, 'plan_id', plan_id, 'symbol', kept.symbol}
  local refused = add_events(keys[4], {#told, unpack(told)}, 1)
  if refused then return refused end
  redis.call('XADD', keys[3], 'MAXLEN', '~', ${TAKES_KEPT}, '*', 'plan_id', plan_id, 'at', at)
  redis.call('DEL', keys[1])
  local used = ended_use(use, 'used', at)
  if used then
    redis.call('SET', keys[2], used, 'KEEPTTL')
  else
    local issued_at = seconds_of(kept.issuedAt * 1000)
    redis.call('SET', keys[2], '{"outcome":"used","issued_at":' .. issued_at .. ',"ended_at":' .. at .. '}', 'PX', USE_LIFE_MS)
  end
  redis.call('ZREM', kept.reducing and keys[6] or keys[5], plan_id)
  return {'taken', permit, now_ms}
end

local function take(keys, args)
  return guarded(take_permit, keys, args)
end
`;
