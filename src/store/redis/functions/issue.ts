/**
 * A permit with all it brings, for the governor whose turn it is. Keys: those of `check_step` (permits-shared.ts), then
 * permit, use record, list of times, outstanding permits of its kind, daily notional where there is one to add to.
 * Arguments: those of `check_step`, then plan id, symbol, 1 if it opens, permit, its life in ms, use record, kept record,
 * `untaken`, `failed` or an empty text, time of issue, notional to add or an empty text, then the events, each as its
 * number of values and the values. Returns `{'done', revision}`, `{'repeat', revision}`, `{'fenced', why}`,
 * `{'pending', key}`, `{'moved', why}` or `{'permitted', why}`; an error where a key is of another type.
 */
import { KEYS } from '../../../contract/keys.ts';
import { KEPT_PREFIX } from '../../../contract/kept-permit.ts';
import { fixedLifeMs } from './permits-shared.ts';

const TIMES_KEPT = KEYS.permitTimes.maxLength;
/** Members whose permits are over for so long are trimmed. */
const TRIM_AFTER_MS = 60_000;
/** So many steps come to one trimming. */
const TRIM_EVERY = 16;

export const ISSUE = `
-- Why a plan with this use record may not get another permit; nil: it may. One that is gone before its time was taken.
local function permitted_already(use, instead, records, plan_id, now_ms)
  if not use or instead == 'failed' then return nil end
  local outcome = outcome_of(use)
  if instead == 'untaken' and (outcome == 'expired' or outcome == 'voided') then return nil end
  if instead == 'untaken' and outcome == 'issued' then
    local kept = redis.call('HGET', records, '${KEPT_PREFIX.permit}' .. plan_id)
    local expires_at = kept and tonumber(string.match(kept, '"expiresAt":([^,}]+)'))
    if expires_at and expires_at * 1000 < now_ms then return nil end
  end
  return plan_id .. ' had a permit: ' .. use
end

local function issue_step(keys, args)
  local instead, step = check_step(keys, args)
  if instead then return instead end
  local plan_id, symbol, opens = args[11], args[12], args[13] == '1'
  local state = more_severe(state_of(step.flag), step.trading.latched)
  if state == 'HALTED' or (opens and state == 'REDUCING') then return {'moved', 'the trading state is ' .. state} end
  if opens and fetch('hash', 'HEXISTS', keys[5], symbol) == 1 then return {'moved', symbol .. ' is disarmed'} end
  local permit, use, times, outstanding, daily = keys[8], keys[9], keys[10], keys[11], keys[12]
  fetch('hash', 'HLEN', keys[3])
  fetch('string', 'STRLEN', permit)
  local times_kept = fetch('list', 'LLEN', times)
  fetch('zset', 'ZCARD', outstanding)
  if daily then fetch('string', 'STRLEN', daily) end
  local already = permitted_already(fetch('string', 'GET', use), args[18], keys[3], plan_id, step.now_ms)
  if already then return {'permitted', already} end
  must_be_permitted({
    {'SET', permit, 'v'}, {'SET', use, 'v'}, {'HSET', keys[3], 'f', 'v'}, {'LPUSH', times, 'v'}, {'LTRIM', times, '0', '1'},
    {'INCRBYFLOAT', daily or permit, '1'}, {'ZADD', outstanding, '1', 'm'},
    {'ZREMRANGEBYSCORE', outstanding, '0', '1'}, marking(keys)
  })

  mark_step(keys, args, step, 21)
  redis.call('SET', permit, args[14], 'PX', args[15])
  redis.call('SET', use, args[16], 'PX', USE_LIFE_MS)
  redis.call('HSET', keys[3], '${KEPT_PREFIX.permit}' .. plan_id, args[17])
  redis.call('LPUSH', times, args[19])
  if times_kept >= ${TIMES_KEPT} then redis.call('LTRIM', times, '0', '${TIMES_KEPT - 1}') end
  redis.call('PEXPIRE', times, '${fixedLifeMs('permitTimes')}')
  if daily then
    -- Where no number stands, the day begins with this one.
    if failed(redis.pcall('INCRBYFLOAT', daily, args[20])) then redis.call('SET', daily, args[20]) end
    redis.call('PEXPIRE', daily, '${fixedLifeMs('dailyNotional')}')
  end
  redis.call('ZADD', outstanding, step.now_ms + args[15], plan_id)
  if step.sequence % ${TRIM_EVERY} == 0 then
    redis.call('ZREMRANGEBYSCORE', outstanding, '-inf', step.now_ms - ${TRIM_AFTER_MS})
  end
  return {'done', step.trading.revision}
end

local function issue(keys, args)
  return guarded(issue_step, keys, args)
end
`;
