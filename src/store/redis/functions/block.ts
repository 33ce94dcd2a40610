/**
 * A block and what it sets off, for the governor whose turn it is. Keys: those of `check_step` (permits-shared.ts), then
 * the block and the outstanding openings. Arguments: those of `check_step`, then the block, the symbol to disarm or an
 * empty text, why, 1 if it stops openings altogether, the prefixes of permits and of use records, then the events, each
 * as its number of values and the values. Returns as `issue` does, but never `permitted`; the revision is the raised one.
 * Who may not write the kill flag latches all the same, which holds as much.
 */
import { fixedLifeMs } from './permits-shared.ts';

export const BLOCK = `
local function block_step(keys, args)
  local instead, step = check_step(keys, args)
  if instead then
    -- Raised by this very step, unless the state was as severe already.
    if instead[1] == 'repeat' and args[14] == '1' then instead[2] = math.min(step.trading.revision, args[8] + 1) end
    return instead
  end
  local trading = step.trading
  local reduces = args[14] == '1' and SEVERITY[trading.latched] < SEVERITY.REDUCING
  local needed = {{'SET', keys[8], 'v'}, {'HSET', keys[5], 'f', 'v'}, {'HSET', keys[4], 'f', 'v'}, marking(keys)}
  if reduces then
    local more = {voiding(keys[9], args[15], args[16])}
    for i = 1, #more do needed[#needed + 1] = more[i] end
  end
  fetch('string', 'STRLEN', keys[8])
  fetch('hash', 'HLEN', keys[5])
  must_be_permitted(needed)

  mark_step(keys, args, step, 17)
  redis.call('SET', keys[8], args[11], 'PX', '${fixedLifeMs('block')}')
  if args[12] ~= '' then redis.call('HSET', keys[5], args[12], args[13]) end
  if not reduces then return {'done', trading.revision} end
  local revision, flag, kill = trading.revision + 1, step.flag, args[9]
  if state_of(flag) == 'ACTIVE' and redis.acl_check_cmd('SET', kill, 'v') then
    redis.call('SET', kill, FLAG_OF.REDUCING)
    flag = '=' .. FLAG_OF.REDUCING
  end
  redis.call('HSET', keys[4], 'revision', revision, 'latched', 'REDUCING', 'noted', flag, 'void_openings', revision)
  void_outstanding(keys[9], args[15], args[16], seconds_of(step.now_ms))
  return {'done', revision}
end

local function block(keys, args)
  return guarded(block_step, keys, args)
end
`;
