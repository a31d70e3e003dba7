package dev.sallyport.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;

/** How much of a resource, in bytes or in cores. Immutable. */
record Amount(BigDecimal value) implements Comparable<Amount> {
  static final Amount NONE = new Amount(BigDecimal.ZERO);

  static final long MEBIBYTE = 1L << 20;

  /** {@link #NONE} where nothing is said. */
  static Amount of(JsonNode quantity) {
    return quantity.isMissingNode()
        ? NONE
        : new Amount(new Quantity(quantity.asText()).getNumericalAmount());
  }

  static Amount mebibytes(long count) {
    return new Amount(BigDecimal.valueOf(count * MEBIBYTE));
  }

  boolean isNone() {
    return value.signum() == 0;
  }

  Amount plus(Amount other) {
    return new Amount(value.add(other.value));
  }

  Amount percent(BigDecimal percent) {
    return new Amount(value.multiply(percent).movePointLeft(2));
  }

  @Override
  public int compareTo(Amount other) {
    return value.compareTo(other.value);
  }
}
