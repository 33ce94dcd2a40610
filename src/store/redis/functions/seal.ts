/**
 * Decides a commit whose chunks lie in a pending hash. Keys: the pending hash, then for each part owner, meta, records,
 * seen. Arguments: owner, token, lease in ms, number of chunks, then for each part component, epoch, sequence.
 * Returns `{'sealed'}`: whoever comes next completes it with `apply`; `{'unstaged', chunks there}`; or as `commit` does.
 */
export const SEAL = `
local function seal(keys, args)
  local pending, count = keys[1], tonumber(args[4])
  local instead, parts = check(keys, 2, args[1], args[2], args, 5)
  if instead then return instead end
  local wrong = wrong_type(pending, 'hash')
  if wrong then return wrong end
  local staged = redis.call('HLEN', pending)
  if staged ~= count then return {'unstaged', staged} end
  local metas = {}
  for i = 1, #parts do metas[i] = parts[i].meta end
  redis.call('PERSIST', pending)
  redis.call('HSET', pending, '#count', count, '#applied', 0, '#metas', cmsgpack.pack(metas))
  mark(parts, args[2], args[3], pending)
  return {'sealed'}
end
`;
