-- Staff are few among many customers: lists of them, and the count of administrators, come out of this.
CREATE INDEX auth_user_by_role ON auth_user (role, id);
