import "std/nn
import "std\nn" as nn
test "a \d is no escape" {
  assert close(1, 1), "never closed
}
test "swallows" { assert "never closed }
