package io.reverseetl.mapping;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.math.BigDecimal;
import java.math.BigInteger;

/** Which numbers survive in Cosmos DB, whose only number is the IEEE-754 double. */
final class DoubleExactness {
  /** A decimal of so many digits comes back from a double whatever its digits are. */
  private static final int SAFE_DIGITS = 15;

  /** Far inside the range of normal doubles; Delta's scale is 38 at most. */
  private static final int SAFE_SCALE = 200;

  private DoubleExactness() {}

  static boolean isExact(long value) {
    double nearest = value;
    // Casting 2^63 back gives Long.MAX_VALUE, which would look equal.
    return (long) nearest == value && nearest != 0x1p63;
  }

  static boolean isExact(BigInteger value) {
    if (value.bitLength() < Long.SIZE) {
      return isExact(value.longValue());
    }
    double nearest = value.doubleValue();
    return Double.isFinite(nearest) && new BigDecimal(nearest).toBigInteger().equals(value);
  }

  /** Whether the value is a double, or the shortest text of the nearest double is the value. */
  static boolean isExact(BigDecimal value) {
    if (value.precision() <= SAFE_DIGITS && Math.abs(value.scale()) <= SAFE_SCALE) {
      return true;
    }
    double nearest = value.doubleValue();
    return Double.isFinite(nearest)
        && (new BigDecimal(nearest).compareTo(value) == 0
            || new BigDecimal(NumberOutput.toString(nearest, true)).compareTo(value) == 0);
  }
}
