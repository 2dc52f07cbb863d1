package org.qiantang.app.demo;

/** A department of the demo city. */
public record DemoDepartment(String id, String name, String nameEn) {}
