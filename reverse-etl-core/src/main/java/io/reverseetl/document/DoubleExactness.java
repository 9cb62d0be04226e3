package io.reverseetl.document;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * Which numbers survive in Cosmos DB, whose only number is the IEEE-754 double: every integer up to
 * 2<sup>53</sup> and some beyond, every decimal of up to 15 significant digits and few longer ones.
 * For mappers that must not round silently.
 */
public final class DoubleExactness {
  /** A decimal of so many digits comes back from a double whatever its digits are. */
  private static final int SAFE_DIGITS = 15;

  /** Far inside the range of normal doubles; Delta's scale is 38 at most. */
  private static final int SAFE_SCALE = 200;

  private DoubleExactness() {}

  /**
   * Whether the value is a double.
   *
   * @param value an integer
   * @return false if Cosmos DB would round it
   */
  public static boolean isExact(long value) {
    double nearest = value;
    // Casting 2^63 back gives Long.MAX_VALUE, which would look equal.
    return (long) nearest == value && nearest != 0x1p63;
  }

  /**
   * Whether the value is a double.
   *
   * @param value an integer
   * @return false if Cosmos DB would round it
   */
  public static boolean isExact(BigInteger value) {
    if (value.bitLength() < Long.SIZE) {
      return isExact(value.longValue());
    }
    double nearest = value.doubleValue();
    return Double.isFinite(nearest) && new BigDecimal(nearest).toBigInteger().equals(value);
  }

  /**
   * Whether the value comes back from the nearest double when that is rounded to the value's scale;
   * so 0.1 is exact although no double is a tenth.
   *
   * @param value a decimal
   * @return false if Cosmos DB would round it
   */
  public static boolean isExact(BigDecimal value) {
    if (value.precision() <= SAFE_DIGITS && Math.abs(value.scale()) <= SAFE_SCALE) {
      return true;
    }
    double nearest = value.doubleValue();
    if (nearest == 0 || !Double.isFinite(nearest)) {
      return value.signum() == 0;
    }
    return new BigDecimal(nearest).setScale(value.scale(), RoundingMode.HALF_EVEN).compareTo(value)
        == 0;
  }
}
