/**
 * Takes components that nobody holds. Keys: the owner record of each. Arguments: owner, lease in ms, then for each
 * component the `epoch:beat` at which it may be taken whatever its lease says (its holder was not heard of for a lease by
 * the caller's own clock, which no setting of the server's clock can stretch), or an empty text.
 * Returns for each `{1 if held now, owner, epoch, beat}`. The holder keeps its epoch; a new one gets the next.
 */
export const CLAIM = `
local function claim(keys, args)
  local owner, lease_ms = args[1], tonumber(args[2])
  local now_ms = math.floor(micros() / 1000)
  for i = 1, #keys do
    local wrong = wrong_type(keys[i], 'hash')
    if wrong then return wrong end
  end
  local answer = {}
  for i = 1, #keys do
    local held = redis.call('HMGET', keys[i], 'owner', 'epoch', 'beat', 'expires_ms')
    local holder, epoch, beat = held[1] or '', tonumber(held[2] or 0), tonumber(held[3] or 0)
    local is_free = holder == '' or tonumber(held[4] or 0) <= now_ms or args[i + 2] == epoch .. ':' .. beat
    if holder == owner or is_free then
      if holder ~= owner then epoch = epoch + 1 end
      holder, beat = owner, beat + 1
      redis.call('HSET', keys[i], 'owner', owner, 'epoch', epoch, 'beat', beat, 'expires_ms', now_ms + lease_ms)
    end
    answer[i] = {holder == owner and 1 or 0, holder, epoch, beat}
  end
  return answer
end
`;
