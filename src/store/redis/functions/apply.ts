/**
 * Does one chunk of a sealed commit, once. Key: the pending hash. Argument: the chunk's number. Returns
 * `{'applied', next chunk, chunks in all, µs it took, keys to rewrite, {key, error} refused}`, `{'next', chunk}` where it
 * is another chunk's turn, or `{'gone'}` where nothing is left to do. The last one removes the pending hash. It runs when
 * memory is short as well: what it writes lay in memory already, and a commit once decided must come to its end.
 */
export const APPLY = `
local function apply(keys, args)
  local began = micros()
  local pending = keys[1]
  local held = redis.call('HMGET', pending, '#count', '#applied', '#metas', args[1])
  if not held[1] then return {'gone'} end
  local count, applied = tonumber(held[1]), tonumber(held[2])
  if applied ~= tonumber(args[1]) then return {'next', applied} end
  if not held[4] then return redis.error_reply('UNUSABLE chunk ' .. applied .. ' of ' .. pending .. ' is gone') end
  local result = {rewrite = {}, refused = {}}
  run(cmsgpack.unpack(held[4]), result)
  applied = applied + 1
  if applied == count then
    local metas = cmsgpack.unpack(held[3])
    for i = 1, #metas do
      if redis.call('HGET', metas[i], '#pending') == pending then redis.call('HDEL', metas[i], '#pending') end
    end
    redis.call('UNLINK', pending)
  else
    redis.call('HSET', pending, '#applied', applied)
    redis.call('HDEL', pending, args[1])
  end
  return {'applied', applied, count, micros() - began, result.rewrite, result.refused}
end
`;
