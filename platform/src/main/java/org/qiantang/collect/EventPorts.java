package org.qiantang.collect;

/**
 * Ports of our own at which events come in, by configuration: 0 when nobody listens, -1 for any that is free.
 *
 * @param hj212 for instruments
 * @param mqtt for devices that publish, where the city has no broker of its own
 */
public record EventPorts(int hj212, int mqtt) {}
