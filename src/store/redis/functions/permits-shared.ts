/**
 * Lua that the functions about permits share. All they read to decide, and every type and right, is looked at before the
 * first write; `guarded` turns what they raise on the way into an error answer.
 *
 * Keys that are only read (the kill flag, the trading state of a take, its kept record) come as arguments: a declared key
 * wants the right to write it. A flag is told as `absent`, `=text` or `!unreadable`.
 */
import { KEYS, type KeyName } from '../../../contract/keys.ts';
import { FLAG_OF } from '../../../core/governor/trading-state.ts';
import { LEASE_MS } from '../../store.ts';

export const PERMITS_SHARED = `
local SEVERITY = {ACTIVE = 0, REDUCING = 1, HALTED = 2}
local FLAG_OF = {ACTIVE = '${FLAG_OF.ACTIVE}', REDUCING = '${FLAG_OF.REDUCING}', HALTED = '${FLAG_OF.HALTED}'}
-- As texts: to make one of a number takes Redis longer than the command it is for.
local EVENTS_KEPT, LEASE_MS = '${KEYS.governorEvents.maxLength}', ${LEASE_MS}
local USE_LIFE_MS, REPLY_LIFE_MS = '${fixedLifeMs('permitUse')}', '${fixedLifeMs('permitReply')}'

local function guarded(body, keys, args)
  local is_done, answer = pcall(body, keys, args)
  -- Of an error this pcall hands on the text alone.
  return is_done and answer or redis.error_reply(answer)
end

-- What a reading command answers; raises an error that names the key where it is of another type.
local function fetch(wanted, command, key, ...)
  local answer = redis.pcall(command, key, ...)
  if failed(answer) then error(wrong_type(key, wanted) or answer) end
  return answer
end

local function must_be_permitted(needed)
  local refused = not_permitted(needed)
  if refused then error(refused) end
end

-- Seconds as the texts of the contract spell them.
local function seconds_of(now_ms)
  return string.format('%.13g', now_ms / 1000)
end

local function read_flag(kill)
  local text = redis.pcall('GET', kill)
  if type(text) == 'table' then return '!unreadable' end
  return text and '=' .. text or 'absent'
end

-- Who read it may have read other bytes where it is no ASCII; any such flag halts.
local function is_same_flag(a, b)
  return a == b or (string.find(a, '[\\128-\\255]') and string.find(b, '[\\128-\\255]')) ~= nil
end

local function state_of(flag)
  if flag == 'absent' or flag == '=' .. FLAG_OF.ACTIVE then return 'ACTIVE' end
  return flag == '=' .. FLAG_OF.REDUCING and 'REDUCING' or 'HALTED'
end

local function more_severe(a, b)
  return SEVERITY[a] >= SEVERITY[b] and a or b
end

local function read_trading(key)
  local held = fetch('hash', 'HMGET', key, 'revision', 'latched', 'noted', 'void_all', 'void_openings')
  local revision, void_all, void_openings = tonumber(held[1] or 0), tonumber(held[4] or 0), tonumber(held[5] or 0)
  if not (revision and void_all and void_openings) then
    error(redis.error_reply('UNUSABLE ' .. key .. ' holds something else than numbers'))
  end
  local latched = held[2] or 'ACTIVE'
  -- What is not understood halts.
  if not SEVERITY[latched] then latched = 'HALTED' end
  return {revision = revision, latched = latched, noted = held[3], void_all = void_all, void_openings = void_openings}
end

-- The outcome that a use record says; nil where it is none of ours.
local function outcome_of(use)
  return use and string.match(use, '^{"outcome":"(%a+)","issued_at":')
end

-- The use record with its end; nil where it does not say issued.
local function ended_use(use, outcome, at)
  local issued_at = use and string.match(use, '^{"outcome":"issued","issued_at":([^,]+),"ended_at":null}$')
  return issued_at and '{"outcome":"' .. outcome .. '","issued_at":' .. issued_at .. ',"ended_at":' .. at .. '}'
end

-- Entries of the stream of events, each as its number of values and the values. An error reply where one was refused.
local function add_events(key, args, i)
  while i <= #args do
    local last = i + tonumber(args[i])
    local answer = add_entry(key, EVENTS_KEPT, args, i + 1, last)
    if failed(answer) then return answer end
    i = last + 1
  end
  return nil
end

-- 'waiting': how many there are.
local function set_reply(key, waiting, text)
  if waiting > 0 then redis.call('DEL', key) end
  redis.call('RPUSH', key, text)
  redis.call('PEXPIRE', key, REPLY_LIFE_MS)
end

-- Deletes the outstanding permits of a set and notes it in their use records; returns how many there were. One that someone
-- took with a plain GETDEL is gone, which is not voided.
local function void_outstanding(key, permit_prefix, use_prefix, at)
  local plan_ids = redis.pcall('ZRANGE', key, 0, -1)
  local voided = 0
  if not failed(plan_ids) then
    for from = 1, #plan_ids, 1000 do
      local use_keys = {}
      for i = from, math.min(from + 999, #plan_ids) do
        if redis.call('UNLINK', permit_prefix .. plan_ids[i]) == 1 then
          use_keys[#use_keys + 1] = use_prefix .. plan_ids[i]
        end
      end
      local uses = #use_keys > 0 and redis.call('MGET', unpack(use_keys)) or {}
      for i = 1, #use_keys do
        local ended = ended_use(uses[i], 'voided', at)
        if ended then redis.call('SET', use_keys[i], ended, 'KEEPTTL') end
      end
      voided = voided + #use_keys
    end
  end
  redis.call('UNLINK', key)
  return voided
end

-- What the commands of void_outstanding need.
local function voiding(key, permit_prefix, use_prefix)
  return {'ZRANGE', key, '0', '-1'}, {'UNLINK', permit_prefix .. 'p'}, {'MGET', use_prefix .. 'p'},
    {'SET', use_prefix .. 'p', 'v', 'KEEPTTL'}, {'UNLINK', key}
end

-- Whether a governor's step may be done: nil and what was read, or what to answer instead. A repeat tells the revision it was
-- judged on: whoever changed it meanwhile, the caller has yet to see. Keys: owner, meta, records,
-- trading, disarmed, reply, events. Arguments: owner, epoch, sequence, token, the token before it where that is known,
-- entry id, flag and revision it was judged on, kill flag, reply.
local function check_step(keys, args)
  local held = fetch('hash', 'HMGET', keys[1], 'owner', 'epoch', 'beat')
  local stored = fetch('hash', 'HMGET', keys[2], '#sequence', '#token', '#pending')
  local trading = read_trading(keys[4])
  local at, wanted = tonumber(stored[1] or 0), tonumber(args[3])
  if held[1] ~= args[1] or held[2] ~= args[2] then
    return {'fenced', 'the governor is of ' .. (held[1] or 'nobody') .. ' now, epoch ' .. (held[2] or '0')}
  end
  if at == wanted + 1 and stored[2] == args[4] then return {'repeat', tonumber(args[8])}, {trading = trading} end
  if at ~= wanted or (args[5] ~= '' and stored[2] ~= args[5]) then
    return {'fenced', 'there were ' .. at .. ' steps and commits, not ' .. wanted .. ', or others'}
  end
  if stored[3] then return {'pending', stored[3]} end
  local flag = read_flag(args[9])
  if not is_same_flag(flag, args[7]) then return {'moved', 'the kill flag is ' .. flag .. ', not ' .. args[7]} end
  if trading.revision ~= tonumber(args[8]) then
    return {'moved', 'the trading state has revision ' .. trading.revision .. ', not ' .. args[8]}
  end
  fetch('stream', 'XLEN', keys[7])
  return nil, {
    sequence = wanted, beat = tonumber(held[3] or 0), trading = trading, flag = flag,
    replies = fetch('list', 'LLEN', keys[6]), now_ms = math.floor(micros() / 1000)
  }
end

-- The moment of a step: its events, which alone may still be refused, then its number and token, and a sign of life.
local function mark_step(keys, args, step, first_event)
  local refused = add_events(keys[7], args, first_event)
  if refused then error(refused) end
  redis.call('HSET', keys[2], '#sequence', step.sequence + 1, '#token', args[4], 'plans_at', args[6])
  -- Once for the steps of one pipeline.
  if args[5] == '' then
    redis.call('HSET', keys[1], 'beat', step.beat + 1, 'expires_ms', step.now_ms + LEASE_MS)
  end
  set_reply(keys[6], step.replies, args[10])
end

-- What the commands of mark_step need.
local function marking(keys)
  return {'HSET', keys[2], 'f', 'v'}, {'HSET', keys[1], 'f', 'v'}, {'XADD', keys[7], '*', 'f', 'v'},
    {'DEL', keys[6]}, {'RPUSH', keys[6], 'v'}, {'PEXPIRE', keys[6], '1'}
end
`;

/** How long a key lives that no setting says, ms. */
export function fixedLifeMs(name: KeyName): number {
  const { life } = KEYS[name];
  if (typeof life !== 'number') throw new RangeError(`a setting says how long ${name} lives`);
  return life * 1000;
}
