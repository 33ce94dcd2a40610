/**
 * Notes what became of permits, where their use records still say `issued`, and deletes those that nobody may use any more.
 * Keys: outstanding openings, outstanding exits, then the use records. Arguments: when, what permits' keys begin with, then for
 * each its plan id and `expired`, `voided` or `used`. Returns how many were noted.
 * It runs when memory is short as well: it frees more than it writes.
 */
export const SETTLE = `
local function settle_permits(keys, args)
  fetch('zset', 'ZCARD', keys[1])
  fetch('zset', 'ZCARD', keys[2])
  must_be_permitted({{'SET', keys[3], 'v'}, {'UNLINK', args[2] .. args[3]}, {'ZREM', keys[1], 'm'}, {'ZREM', keys[2], 'm'}})
  -- What is of another type reads as nothing, and is left alone.
  local uses = redis.call('MGET', unpack(keys, 3))
  local noted, plan_ids = 0, {}
  for i = 1, #uses do
    plan_ids[i] = args[2 * i + 1]
    local outcome = args[2 * i + 2]
    local ended = ended_use(uses[i], outcome, args[1])
    if outcome ~= 'used' then redis.call('UNLINK', args[2] .. plan_ids[i]) end
    if ended then
      redis.call('SET', keys[i + 2], ended, 'KEEPTTL')
      noted = noted + 1
    end
  end
  redis.call('ZREM', keys[1], unpack(plan_ids))
  redis.call('ZREM', keys[2], unpack(plan_ids))
  return noted
end

local function settle(keys, args)
  return guarded(settle_permits, keys, args)
end
`;
