-- Put in front of every script of budgets. All of them share a slot: an account and those over it are charged together.
-- causeline:1:{budgets}:all          zset    account -> opened ms
--                      :spent        zset    account that something waits for -> since when, ms
--                      :used         zset    account -> when it was opened, asked or charged last, ms
--                      :aud          stream  what operators did to accounts
--                      :a:<account>  hash    parent, app, what, opened, ends (ms), status, by, prices (JSON); max_micros,
--                                            max_tokens, max_hops; micros, tokens, hops spent, reserved ones included
--                      :n:<account>  set     nodes that have been counted as hops
--                      :r:<account>  hash    call under way -> millionths of a dollar, a bar, tokens that it may cost
--                      :p:<account>  hash    node that waits -> what, since when and why, JSON
--                      :q:<account>  hash    node that waits because a call did not fit -> what that needs (micros, tokens),
--                                            when it was tried (ms), whether it is `trying` again, JSON
--                      :once:<call>  string  a call's answer, for a client that lost it

local base = 'causeline:1:{budgets}:'

-- An account and all that are over it, from the inside out.
local function chain(id)
  local found = {}
  while id and id ~= '' and #found < 64 do
    found[#found + 1] = id
    id = redis.call('HGET', base .. 'a:' .. id, 'parent')
  end
  return found
end

local function number(id, field)
  return tonumber(redis.call('HGET', base .. 'a:' .. id, field) or '0')
end

-- Notes that accounts are in use: those that nobody asks any more are forgotten.
local function touch(ids, now)
  for _, id in ipairs(ids) do redis.call('ZADD', base .. 'used', now, id) end
end

-- What of an account is spent, in words; nil where nothing is. `micros` and `tokens` are what is asked for now, `hop` is 1
-- where one more would be counted.
local function spent(id, micros, tokens, hop, now)
  local said = redis.call('HMGET', base .. 'a:' .. id, 'ends', 'max_micros', 'max_tokens', 'max_hops')
  if said[1] and tonumber(said[1]) <= now then return 'its minutes are over' end
  if said[4] and number(id, 'hops') + hop > tonumber(said[4]) then return 'its ' .. said[4] .. ' hops are taken' end
  for field, asked in pairs({micros = micros, tokens = tokens}) do
    local most, have = tonumber(said[field == 'micros' and 2 or 3] or '-1'), number(id, field)
    if most >= 0 and (have >= most or have + asked > most) then
      local left, is_money = math.max(most - have, 0), field == 'micros'
      if asked == 0 then return is_money and 'its money is spent' or 'its tokens are spent' end
      if is_money then return string.format('needs $%.6g, $%.6g left', asked / 1e6, left / 1e6) end
      return string.format('needs %d tokens, %d left', asked, left)
    end
  end
  return nil
end

-- What a call needs for which work waits for an account; nil where it waits for none.
local function needed(id, node)
  local text = redis.call('HEXISTS', base .. 'p:' .. id, node) == 1 and redis.call('HGET', base .. 'q:' .. id, node)
  return text and cjson.decode(text)
end

-- Notes work that waits for an account, since when, and why as it asked last.
local function park(id, node, text, now, reason)
  local before, parked = redis.call('HGET', base .. 'p:' .. id, node), cjson.decode(text)
  parked.since = before and cjson.decode(before).since or string.format('%d', now)
  parked.reason = reason
  redis.call('HSET', base .. 'p:' .. id, node, cjson.encode(parked))
  redis.call('ZADD', base .. 'spent', 'NX', now, id)
end

-- Notes that work waits for an account no more.
local function unpark(id, node)
  redis.call('HDEL', base .. 'q:' .. id, node)
  if redis.call('HDEL', base .. 'p:' .. id, node) == 1 and redis.call('EXISTS', base .. 'p:' .. id) == 0 then
    redis.call('ZREM', base .. 'spent', id)
  end
end
