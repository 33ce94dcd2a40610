/**
 * Gives components up. Keys: the owner record of each. Arguments: owner, then the epoch of each. Returns how many were
 * still held. The record stays: epochs only rise, whoever comes next.
 */
export const RELEASE = `
local function release(keys, args)
  local released = 0
  for i = 1, #keys do
    local held = redis.call('HMGET', keys[i], 'owner', 'epoch')
    if held[1] == args[1] and held[2] == args[i + 1] then
      redis.call('HSET', keys[i], 'owner', '', 'expires_ms', 0)
      released = released + 1
    end
  end
  return released
end
`;
