UPDATE rereading SET next_ns = $next_ns
