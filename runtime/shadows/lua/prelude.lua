-- Put in front of every script of shadows. One step's keys share a hash tag:
-- causeline:1:shadows                                    set    steps with a successor: <app>|<workflow>|<step>
-- causeline:1:{shadow.<app>|<workflow>|<step>}:h         hash   mode: not there where it is `shadow` still; since, ms; by;
--                                                               reason; channel, group; version, the app's; of each
--                                                               version: began:<version>, ms, and how many
--                                                               agreed:<version>, disagreed:, failed:, left_out:
--                                             :seen      zset   delivery that was compared -> when, ms; the newest
--                                             :d         stream what did not agree
--                                             :log       stream what operators did
--                                             :once:<call> string a call's answer, for a client that lost it

-- Of what was compared so much is known as counted. A delivery comes again while others are compared, or none is: by
-- number the marks last as long as they are needed, however long all workers are away.
local SEEN = 20000
local DISAGREEMENTS, LOG = 200, 200

local function int(number)
  return string.format('%d', number)
end
