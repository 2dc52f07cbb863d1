package org.qiantang.refine;

/** Whether tables made of others are measured once they are made, which reads them again. */
public enum Measuring {
    ON,
    OFF,
}
