/**
 * Lua that several functions use: the clock, the checks before a commit, and the operations of a chunk.
 *
 * A function cannot be rolled back: whatever may fail is looked at before the first write (types, rights, owner,
 * sequence), and what others own (outputs) is written so that a refusal is collected and the rest goes on.
 *
 * A chunk is a MessagePack list of operations laid end to end; src/store/redis/operations.ts writes them.
 */
import { OP } from '../operations.ts';

export const SHARED = `
local function micros()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- An error reply where the key is there and of another type, else nil.
local function wrong_type(key, wanted)
  local found = redis.call('TYPE', key).ok
  if found == wanted or found == 'none' then return nil end
  return redis.error_reply('WRONGTYPE ' .. key .. ' is a ' .. found .. ', not a ' .. wanted)
end

-- An error reply where this user may not run one of the commands, else nil: it must fail before the first write.
local function not_permitted(needed)
  for i = 1, #needed do
    if not redis.acl_check_cmd(unpack(needed[i])) then
      return redis.error_reply('NOPERM this user has no permissions to run ' .. needed[i][1] .. ' on ' .. needed[i][2])
    end
  end
  return nil
end

-- The commands a commit runs on our own keys.
local function forbidden(part)
  return not_permitted({
    {'HSET', part.meta, 'f', 'v'}, {'HDEL', part.meta, 'f'}, {'HGET', part.meta, 'f'}, {'UNLINK', part.meta},
    {'RPUSH', part.seen, 'v'}, {'LTRIM', part.seen, '0', '-1'}, {'PERSIST', part.meta}
  })
end

-- Whether a commit may be done: nil and its parts, or what to answer instead. Per part four keys (owner, meta, records,
-- seen) from first_key on and three arguments (component, epoch, sequence) from first_arg on.
local function check(keys, first_key, owner, token, args, first_arg)
  local parts, fenced, repeated, pending = {}, {'fenced'}, 0, nil
  local k = first_key
  for a = first_arg, #args, 3 do
    local part = {owner = keys[k], meta = keys[k + 1], records = keys[k + 2], seen = keys[k + 3]}
    k = k + 4
    local wrong = wrong_type(part.owner, 'hash') or wrong_type(part.meta, 'hash')
      or wrong_type(part.records, 'hash') or wrong_type(part.seen, 'list')
    if wrong then return wrong end
    local held = redis.call('HMGET', part.owner, 'owner', 'epoch', 'beat')
    local stored = redis.call('HMGET', part.meta, '#sequence', '#token', '#pending')
    local at, wanted = tonumber(stored[1] or 0), tonumber(args[a + 2])
    if held[1] ~= owner or held[2] ~= args[a + 1] then
      fenced[#fenced + 1] = args[a]
    elseif at == wanted + 1 and stored[2] == token then
      repeated = repeated + 1
    elseif at ~= wanted then
      fenced[#fenced + 1] = args[a]
    end
    if stored[3] then pending = stored[3] end
    part.sequence = wanted
    part.beat = tonumber(held[3] or 0)
    parts[#parts + 1] = part
  end
  if #fenced > 1 then return fenced end
  if pending then return {'pending', pending} end
  if repeated > 0 and repeated == #parts then return {'repeat'} end
  if repeated > 0 then return redis.error_reply('UNUSABLE only a part of the commit ' .. token .. ' is stored') end
  return parts[1] and forbidden(parts[1]), parts
end

-- The moment of a commit: its number and its token, and a sign of life of the owner.
local function mark(parts, token, lease_ms, pending)
  local expires_ms = math.floor(micros() / 1000) + tonumber(lease_ms)
  for i = 1, #parts do
    local part = parts[i]
    redis.call('HSET', part.owner, 'beat', part.beat + 1, 'expires_ms', expires_ms)
    if pending then
      redis.call('HSET', part.meta, '#sequence', part.sequence + 1, '#token', token, '#pending', pending)
    else
      redis.call('HSET', part.meta, '#sequence', part.sequence + 1, '#token', token)
    end
  end
end

-- HSET in slices: no more values than fit on Lua's stack.
local function set_fields(call, key, ops, first, last)
  for from = first, last, 4000 do
    local answer = call('HSET', key, unpack(ops, from, math.min(from + 3999, last)))
    if type(answer) == 'table' and answer.err then return answer end
  end
  return nil
end

local function failed(answer)
  return type(answer) == 'table' and answer.err
end

local function refuse(result, key, answer)
  result.refused[#result.refused + 1] = {key, answer.err}
end

local function add_entry(key, max_length, ops, first, last)
  if last - first > 7000 then return {err = 'ERR an entry with so many fields cannot be added'} end
  return redis.pcall('XADD', key, 'MAXLEN', '~', max_length, '*', unpack(ops, first, last))
end

-- Whether id a is newer than b; sequences have up to 20 digits, more than a number holds.
local function is_newer(a, b)
  local a_ms, a_seq = string.match(a, '^(%d+)%-(%d+)$')
  local b_ms, b_seq = string.match(b, '^(%d+)%-(%d+)$')
  if not b_ms then return true end
  if not a_ms then return false end
  if #a_ms ~= #b_ms then return #a_ms > #b_ms end
  if a_ms ~= b_ms then return a_ms > b_ms end
  if #a_seq ~= #b_seq then return #a_seq > #b_seq end
  return a_seq > b_seq
end

-- Each takes the list and the place after its number, does it, and returns the place of the next one.
local OPERATIONS = {}

-- key, n, then n field names and values: our own hash.
OPERATIONS[${OP.setOwn}] = function(ops, i)
  local last = i + 1 + ops[i + 1]
  set_fields(redis.call, ops[i], ops, i + 2, last)
  return last + 1
end

-- key, n, then n fields: our own hash.
OPERATIONS[${OP.dropOwn}] = function(ops, i)
  local last = i + 1 + ops[i + 1]
  redis.call('HDEL', ops[i], unpack(ops, i + 2, last))
  return last + 1
end

-- key, drop, 1 or 0, then the chunk if 1: our own list.
OPERATIONS[${OP.seen}] = function(ops, i)
  local pushes = ops[i + 2] == 1
  if pushes then redis.call('RPUSH', ops[i], ops[i + 3]) end
  if ops[i + 1] > 0 then redis.call('LTRIM', ops[i], ops[i + 1], -1) end
  return i + (pushes and 4 or 3)
end

-- key, life in ms or 0, n, then n field names and values.
OPERATIONS[${OP.put}] = function(ops, i, result)
  local key, life_ms, last = ops[i], ops[i + 1], i + 2 + ops[i + 2]
  -- Fails where something of another type stands, which is not ours to replace.
  local answer = redis.pcall('HLEN', key)
  if not failed(answer) and answer > 0 then answer = redis.pcall('UNLINK', key) end
  if not failed(answer) and last >= i + 3 then
    answer = set_fields(redis.pcall, key, ops, i + 3, last)
    if not failed(answer) and life_ms > 0 then answer = redis.pcall('PEXPIRE', key, life_ms) end
  end
  if failed(answer) then refuse(result, key, answer) end
  return last + 1
end

-- key, life in ms or 0, fields it must have, n, then n field names and values.
OPERATIONS[${OP.update}] = function(ops, i, result)
  local key, life_ms, wanted, last = ops[i], ops[i + 1], ops[i + 2], i + 3 + ops[i + 3]
  local answer = redis.pcall('HLEN', key)
  if answer ~= wanted then
    if failed(answer) and string.sub(answer.err, 1, 9) ~= 'WRONGTYPE' then
      refuse(result, key, answer)
    else
      result.rewrite[#result.rewrite + 1] = key
    end
    return last + 1
  end
  answer = set_fields(redis.pcall, key, ops, i + 4, last)
  if not failed(answer) and life_ms > 0 then answer = redis.pcall('PEXPIRE', key, life_ms) end
  if failed(answer) then refuse(result, key, answer) end
  return last + 1
end

-- key, maximal length, n, then n field names and values.
OPERATIONS[${OP.append}] = function(ops, i, result)
  local last = i + 2 + ops[i + 2]
  local answer = add_entry(ops[i], ops[i + 1], ops, i + 3, last)
  if failed(answer) then refuse(result, ops[i], answer) end
  return last + 1
end

-- key.
OPERATIONS[${OP.remove}] = function(ops, i, result)
  local answer = redis.pcall('UNLINK', ops[i])
  if failed(answer) then refuse(result, ops[i], answer) end
  return i + 1
end

-- hash of the last ids, stream, source id, key, maximal length, n, then n field names and values.
OPERATIONS[${OP.deadLetter}] = function(ops, i, result)
  local register, stream, id, key, last = ops[i], ops[i + 1], ops[i + 2], ops[i + 3], i + 5 + ops[i + 5]
  local answer = redis.pcall('HGET', register, stream)
  if not failed(answer) then
    if answer and not is_newer(id, answer) then return last + 1 end
    answer = add_entry(key, ops[i + 4], ops, i + 6, last)
    if not failed(answer) then answer = redis.pcall('HSET', register, stream, id) end
  end
  if failed(answer) then refuse(result, key, answer) end
  return last + 1
end

-- key, n, then n members.
OPERATIONS[${OP.index}] = function(ops, i, result)
  local last = i + 1 + ops[i + 1]
  local answer = redis.pcall('SADD', ops[i], unpack(ops, i + 2, last))
  if failed(answer) then refuse(result, ops[i], answer) end
  return last + 1
end

local function run(ops, result)
  local i, n = 1, #ops
  while i <= n do i = OPERATIONS[ops[i]](ops, i + 1, result) end
end
`;
