package io.reverseetl.mapping;

import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.Row;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The values of the computed properties for the row at hand, each computed once. */
final class ComputedValues {
  private final List<Added.Computed> computed = new ArrayList<>();
  private @Nullable Object[] values = new Object[0];

  /** Takes a place; returns its number. */
  int add(Added.Computed property) {
    computed.add(property);
    values = new Object[computed.size()];
    return computed.size() - 1;
  }

  /** The place of a property that was added. */
  int placeOf(Added.Computed property) {
    return computed.indexOf(property);
  }

  void evaluate(Row row) {
    for (int i = 0; i < values.length; i++) {
      Added.Computed property = computed.get(i);
      try {
        values[i] = property.function().apply(row);
      } catch (MappingException e) {
        throw e;
      } catch (RuntimeException e) {
        throw new MappingException(
            property.name(),
            "The function of the computed property \""
                + property.name()
                + "\" failed with "
                + e.getClass().getName()
                + ". Mend it, or the data.",
            e);
      }
    }
  }

  @Nullable Object value(int place) {
    return values[place];
  }
}
