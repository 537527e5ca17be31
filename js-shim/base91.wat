;; The bytes of a text in base91: 13 bits in two characters, see unpack.js. Memory: the bytes from 0 on, the text behind.
(module
  (memory (export "memory") 4)
  ;; The digit of the character here: printable ASCII without `"`, `#`, `@` and `\`.
  (func $digit (param $at i32) (result i32) (local $c i32)
    (local.set $c (i32.load8_u (local.get $at)))
    (i32.sub (i32.sub (i32.sub (i32.sub (local.get $c) (i32.const 32))
      (i32.shl (i32.gt_u (local.get $c) (i32.const 33)) (i32.const 1)))
      (i32.gt_u (local.get $c) (i32.const 64)))
      (i32.gt_u (local.get $c) (i32.const 92))))
  (func (export "decode") (param $from i32) (param $end i32)
    (local $to i32) (local $bits i32) (local $buffer i32)
    (loop $pair
      (local.set $buffer (i32.or (local.get $buffer) (i32.shl
        (i32.add (call $digit (local.get $from)) (i32.mul (i32.const 91) (call $digit (i32.add (local.get $from) (i32.const 1)))))
        (local.get $bits))))
      (local.set $bits (i32.add (local.get $bits) (i32.const 13)))
      (local.set $from (i32.add (local.get $from) (i32.const 2)))
      (loop $byte
        (i32.store8 (local.get $to) (local.get $buffer))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $buffer (i32.shr_u (local.get $buffer) (i32.const 8)))
        (br_if $byte (i32.ge_s (local.tee $bits (i32.sub (local.get $bits) (i32.const 8))) (i32.const 8))))
      (br_if $pair (i32.lt_u (local.get $from) (local.get $end))))))
