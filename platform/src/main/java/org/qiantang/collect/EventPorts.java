package org.qiantang.collect;

/**
 * Ports of our own at which events come in, by configuration.
 *
 * @param hj212 for instruments; 0 when nobody listens, -1 for any that is free
 */
public record EventPorts(int hj212) {}
