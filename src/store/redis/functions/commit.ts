/**
 * A commit that fits into one call. Keys: for each part owner, meta, records, seen; outputs are not declared, so that one
 * the user may not write is refused by itself. Arguments: owner, token, lease in ms, the chunk of operations, then for
 * each part component, epoch, sequence. Returns `{'done', µs it took, keys to rewrite, {key, error} refused}`,
 * `{'repeat'}` (done before), `{'fenced', component…}` or `{'pending', key}`: another commit is to be completed first.
 */
export const COMMIT = `
local function commit(keys, args)
  local began = micros()
  local instead, parts = check(keys, 1, args[1], args[2], args, 5)
  if instead then return instead end
  local ops = cmsgpack.unpack(args[4])
  local result = {rewrite = {}, refused = {}}
  mark(parts, args[2], args[3], nil)
  run(ops, result)
  return {'done', micros() - began, result.rewrite, result.refused}
end
`;
