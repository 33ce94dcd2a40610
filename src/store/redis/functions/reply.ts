/** A reply without a decision. Key: the reply's list. Argument: its JSON, which replaces one that waits. Returns 1. */
export const REPLY = `
local function reply_to_plan(keys, args)
  local waiting = fetch('list', 'LLEN', keys[1])
  must_be_permitted({{'DEL', keys[1]}, {'RPUSH', keys[1], 'v'}, {'PEXPIRE', keys[1], '1'}})
  set_reply(keys[1], waiting, args[1])
  return 1
end

local function reply(keys, args)
  return guarded(reply_to_plan, keys, args)
end
`;
