package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.ThroughputControlGroupConfigBuilder;
import com.azure.cosmos.models.PriorityLevel;
import org.jspecify.annotations.Nullable;

/**
 * What each request tells the service about its rank: a throughput bucket, low priority, or both.
 *
 * <p>The client takes these by the name of a control group, and silently ignores a name that it
 * does not know. So no name is ever taken from outside: the group is made here, and its name says
 * what it is, since the client refuses a second group of the same name that is another.
 *
 * @param bucket the bucket, 1 to 5; 0 for none
 * @param lowPriority whether others go first when the container is short of throughput
 */
record ServerThroughputControl(int bucket, boolean lowPriority) {

  /** The group's name; null if there is nothing to say. */
  @Nullable String groupName() {
    return bucket == 0 && !lowPriority
        ? null
        : "reverse-etl-bucket-" + bucket + (lowPriority ? "-low" : "");
  }

  /** Makes the group known to the container's client, which may know it already. */
  void enable(CosmosAsyncContainer container) {
    String name = groupName();
    if (name == null) {
      return;
    }
    ThroughputControlGroupConfigBuilder group =
        new ThroughputControlGroupConfigBuilder().groupName(name);
    if (bucket > 0) {
      group.throughputBucket(bucket);
    }
    if (lowPriority) {
      group.priorityLevel(PriorityLevel.LOW);
    }
    container.enableServerThroughputControlGroup(group.build());
  }
}
